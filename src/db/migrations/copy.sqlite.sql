-- A copy that is being made: it is flushed once it is whole, and not in the step that ends it.
PRAGMA synchronous = OFF;
