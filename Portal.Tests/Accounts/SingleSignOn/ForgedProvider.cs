using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>What a <see cref="ForgedProvider"/> does in one sign-in. By default, everything is right.</summary>
internal sealed class Forgery
{
    public required TestPerson Person { get; init; }

    /// <summary>Changes the ID token before it is signed.</summary>
    public Action<SecurityTokenDescriptor>? Token { get; init; }

    /// <summary>Replaces the signed ID token.</summary>
    public Func<string, string>? Replace { get; init; }

    /// <summary>The status of the token endpoint; 0: it closes the connection.</summary>
    public int TokenStatus { get; init; } = 200;

    /// <summary>The parameter <c>iss</c> of the response; null: none.</summary>
    public string? ResponseIssuer { get; init; }
}

/// <summary>A provider that responds at once and can be wrong in every way.</summary>
internal sealed class ForgedProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (string ClientId, string Nonce, Forgery Forgery)> _codes = new();

    private ForgedProvider(WebApplication app) => _app = app;

    public RelayClock Clock { get; } = new();
    public string Address { get; private set; } = "";

    /// <summary>What the next sign-in does. Each test sets it.</summary>
    public Forgery? Next { get; set; }

    public SigningCredentials Credentials => new(new RsaSecurityKey(_rsa) { KeyId = "right" }, SecurityAlgorithms.RsaSha256);

    /// <summary>The public key, which everybody knows.</summary>
    public byte[] PublicKey => _rsa.ExportSubjectPublicKeyInfo();

    public static async Task<ForgedProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var provider = new ForgedProvider(app);
        app.MapGet("/.well-known/openid-configuration", provider.Discover);
        app.MapGet("/other/.well-known/openid-configuration", provider.Discover);
        app.MapGet("/keys", provider.Keys);
        app.MapGet("/authorize", (Delegate)provider.Authorize);
        app.MapPost("/token", (Delegate)provider.TokenAsync);
        await app.StartAsync();
        provider.Address = app.Urls.Single();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }

    private static readonly string[] Code = ["code"], Public = ["public"], Algorithms = ["RS256"];

    private IResult Discover() => Results.Json(new Dictionary<string, object>
    {
        ["issuer"] = Address, ["authorization_endpoint"] = Address + "/authorize", ["token_endpoint"] = Address + "/token", ["jwks_uri"] = Address + "/keys",
        ["response_types_supported"] = Code, ["subject_types_supported"] = Public, ["id_token_signing_alg_values_supported"] = Algorithms,
    });

    private IResult Keys()
    {
        var key = _rsa.ExportParameters(false);
        return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "right", alg = "RS256", n = WebEncoders.Base64UrlEncode(key.Modulus!), e = WebEncoders.Base64UrlEncode(key.Exponent!) } } });
    }

    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        var code = Guid.CreateVersion7().ToString("N");
        _codes[code] = (query["client_id"]!, query["nonce"]!, Next!);
        var response = new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"] };
        if (Next!.ResponseIssuer is { } issuer)
            response["iss"] = issuer;
        return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"]!, response));
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        // A code that is used a second time works here, so that Portal itself must notice.
        var (clientId, nonce, forgery) = _codes[form["code"]!];
        if (forgery.TokenStatus == 0)
            context.Abort();
        if (forgery.TokenStatus != 200)
            return Results.Json(new { error = "server_error" }, statusCode: forgery.TokenStatus);
        var now = Clock.GetUtcNow().UtcDateTime;
        var person = forgery.Person;
        var claims = new Dictionary<string, object>
        {
            ["sub"] = person.Subject, ["nonce"] = nonce, ["groups"] = person.Groups, ["amr"] = person.Methods, ["auth_time"] = new DateTimeOffset(now).ToUnixTimeSeconds(), ["sid"] = "sid-" + person.Subject,
        };
        foreach (var (name, value) in new (string, object?)[] { ("email", person.Email), ("email_verified", person.EmailVerified), ("name", person.Name) })
            if (value is not null)
                claims[name] = value;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Address, Audience = clientId, IssuedAt = now, NotBefore = now, Expires = now.AddMinutes(5), Claims = claims, SigningCredentials = Credentials,
        };
        forgery.Token?.Invoke(descriptor);
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
        return Results.Json(new { access_token = "none", token_type = "Bearer", expires_in = 300, id_token = forgery.Replace?.Invoke(token) ?? token });
    }
}
