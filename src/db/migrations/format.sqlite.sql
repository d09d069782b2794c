-- What a file says that it is: whose, and in which format. Zeros when it is empty.
SELECT application_id, user_version FROM pragma_application_id, pragma_user_version;
