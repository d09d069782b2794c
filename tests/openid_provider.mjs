// A provider of OpenID Connect that others wrote (the npm package oidc-provider), on loopback, with a
// browser that goes there: it keeps cookies, follows redirects within the provider, and stops where it
// is sent back to us. A line of JSON in is an order, a line out what came of it; it ends with its input.
//
//   {"provider": {...}}             another provider at the same address: keys, algorithm, client, claims
//   {"go": URL, "as": {...}}        the browser goes there, and signs in as this person where it is asked
//   {"go": URL, "refuses": true}    and says no instead
//   {"forget": true}                a browser without cookies
//   {"counts": true}                how often each endpoint was asked since it was last told
import { createServer } from "node:http";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

console.warn = () => {}; // it warns of its store in memory, which is what a test wants

let person = {}, refuses = false, browser = new Map(), counts = {}, provider, listener;

function say(what) {
    process.stdout.write(JSON.stringify(what) + "\n");
}

function newKey(algorithm) {
    const kind = algorithm === "EdDSA" ? ["ed25519"]
        : algorithm === "ES256" ? ["ec", { namedCurve: "P-256" }]
        : ["rsa", { modulusLength: 2048 }];
    const { privateKey } = generateKeyPairSync(...kind);
    return { ...privateKey.export({ format: "jwk" }), use: "sig", kid: randomBytes(6).toString("hex") };
}

// ---- the provider ----

async function grantAll(ctx) {
    const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
}

function start(issuer, wish) {
    const algorithm = wish.algorithm ?? "RS256";
    const client = { client_id: "vern", client_secret: "Qanary+secret/of=a test",
        redirect_uris: wish.redirects ?? [], response_types: ["code"], grant_types: ["authorization_code"],
        id_token_signed_response_alg: algorithm, ...wish.client };
    if (client.token_endpoint_auth_method === "none")
        delete client.client_secret;
    provider = new Provider(issuer, {
        clients: [client],
        jwks: { keys: [newKey(algorithm.startsWith("HS") ? "RS256" : algorithm)] },
        cookies: { keys: ["of a test"] },
        features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
        enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA", "HS256", "RS512"] },
        clientAuthMethods: wish.ways ?? ["client_secret_basic", "client_secret_post", "none"],
        conformIdTokenClaims: wish.strict ?? false,
        acrValues: ["one", "two"],
        claims: { openid: ["sub", "acr", "amr"], profile: ["preferred_username", "name"],
            email: ["email", "email_verified"] },
        pkce: { methods: ["S256"], required: () => true },
        interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
        findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...person }) }),
        loadExistingGrant: grantAll,
        renderError: (ctx, out) => { ctx.body = out; },
        ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600,
            Grant: 3600 },
    });
    provider.on("server_error", (ctx, error) => process.stderr.write(`${error.stack}\n`));
    listener = provider.callback();
}

async function interact(request, response) {
    const { sub, acr, amr } = { sub: "17", ...person };
    const result = refuses ? { error: "access_denied", error_description: "says no" }
        : { login: { accountId: sub, acr, amr, remember: false } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = createServer((request, response) => {
    const path = request.url.split("?")[0];
    counts[path] = (counts[path] ?? 0) + 1;
    if (path.startsWith("/interaction/"))
        interact(request, response).catch((error) => { response.statusCode = 500; response.end(String(error)); });
    else
        listener(request, response);
});

// ---- the browser ----

function keepCookies(answer) {
    for (const line of answer.headers.getSetCookie?.() ?? []) {
        const [pair] = line.split(";");
        const at = pair.indexOf("=");
        if (/expires=Thu, 01 Jan 1970/i.test(line))
            browser.delete(pair.slice(0, at));
        else
            browser.set(pair.slice(0, at), pair.slice(at + 1));
    }
}

async function go(url) {
    const issuer = new URL(url).origin;
    for (let step = 0; step < 12; step++) {
        const cookie = [...browser].map(([name, value]) => `${name}=${value}`).join("; ");
        const answer = await fetch(url, { redirect: "manual", headers: cookie ? { cookie } : {} });
        keepCookies(answer);
        const location = answer.headers.get("location");
        if (location === null)
            return { stopped: answer.status, text: await answer.text() };
        await answer.arrayBuffer();
        url = new URL(location, url).href;
        if (new URL(url).origin !== issuer)
            return { back: url };
    }
    return { stopped: 0, text: "goes round" };
}

// ---- orders ----

async function obey(order) {
    if (order.provider !== undefined) {
        start(`http://127.0.0.1:${server.address().port}`, order.provider);
        say({ ready: true });
    } else if (order.forget) {
        browser = new Map();
        say({ forgotten: true });
    } else if (order.counts) {
        say({ tokens: counts["/token"] ?? 0, keys: counts["/jwks"] ?? 0,
            discoveries: counts["/.well-known/openid-configuration"] ?? 0,
            users: counts["/me"] ?? 0, asked: Object.keys(counts).filter((p) => p.startsWith("/interaction/")).length });
        counts = {};
    } else {
        person = order.as ?? {};
        refuses = order.refuses ?? false;
        say(await go(order.go));
    }
}

server.listen(0, "127.0.0.1", async () => {
    say({ port: server.address().port });
    for await (const line of createInterface({ input: process.stdin })) {
        try {
            await obey(JSON.parse(line));
        } catch (error) {
            say({ failed: String(error.stack ?? error) });
        }
    }
    process.exit(0);
});
