using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>Responses of a provider that are wrong, stolen, or used twice sign nobody in.</summary>
[Collection(ProviderTests.Name)]
public sealed class ForgedTokenTests(ProviderHost host)
{
    private static readonly RSA AnotherKey = RSA.Create(2048);

    private static readonly Dictionary<string, Func<ProviderHost, Forgery, Forgery>> Forgeries = new()
    {
        ["another issuer"] = (_, right) => With(right, token => token.Issuer = "http://127.0.0.1:1"),
        ["another audience"] = (_, right) => With(right, token => token.Audience = "another"),
        ["several audiences without an authorized party"] = (_, right) => With(right, token =>
        {
            token.Claims["aud"] = new[] { "create", "another" };
            token.Audience = null;
        }),
        ["another nonce"] = (_, right) => With(right, token => token.Claims["nonce"] = "639000000000000000.AAAA"),
        ["no nonce"] = (_, right) => With(right, token => token.Claims.Remove("nonce")),
        ["no subject"] = (_, right) => With(right, token => token.Claims.Remove("sub")),
        ["a subject that is too long"] = (_, right) => With(right, token => token.Claims["sub"] = new string('s', 256)),
        ["expired"] = (host, right) => With(right, token => token.Expires = Now(host).AddMinutes(-2)),
        ["no expiration"] = (_, right) => With(right, token => token.Expires = null),
        ["not yet valid"] = (host, right) => With(right, token => (token.NotBefore, token.Expires) = (Now(host).AddMinutes(2), Now(host).AddMinutes(9))),
        ["an unknown key"] = (_, right) => With(right, token => token.SigningCredentials = new(new RsaSecurityKey(AnotherKey) { KeyId = "another" }, SecurityAlgorithms.RsaSha256)),
        ["an unknown key with the ID of the right one"] = (_, right) => With(right, token => token.SigningCredentials = new(new RsaSecurityKey(AnotherKey) { KeyId = "right" }, SecurityAlgorithms.RsaSha256)),
        ["HS256 with the client secret"] = (_, right) => With(right, token => token.SigningCredentials = Symmetric(Encoding.UTF8.GetBytes("the secret of create".PadRight(32, '\0')))),
        ["HS256 with the public key"] = (host, right) => With(right, token => token.SigningCredentials = Symmetric(host.Forged.PublicKey)),
        ["no signature"] = (_, right) => With(right, token => token.SigningCredentials = null),
        ["a signature that is cut off"] = (_, right) => new Forgery { Person = right.Person, Replace = token => token[..(token.LastIndexOf('.') + 1)] },
        ["a changed subject"] = (_, right) => new Forgery { Person = right.Person, Replace = token => Swap(token) },
        ["no token at all"] = (_, right) => new Forgery { Person = right.Person, Replace = _ => "" },
        ["the issuer of another provider in the response"] = (host, right) => new Forgery { Person = right.Person, ResponseIssuer = host.Real.Address },
    };

    public static TheoryData<string> Names => [.. Forgeries.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task SignIn_ForgedToken_SignsNobodyIn(string forgery)
    {
        var person = TestPerson.Create();
        host.Forged.Next = Forgeries[forgery](host, new Forgery { Person = person });
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");

        Assert.Equal("Failed", browser.Problem);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("The response of Forged create is invalid.", browser.Page, StringComparison.Ordinal);
        Assert.Null(await host.FindUserAsync(person.Subject));
        await AssertSignedOutAsync(browser);
    }

    [Fact]
    public async Task SignIn_RightToken_SignsIn()
    {
        var person = TestPerson.Create();
        host.Forged.Next = new Forgery { Person = person, ResponseIssuer = host.Forged.Address };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");
        Assert.Equal("/tokens", browser.Address.AbsolutePath);
        Assert.Empty(browser.SignInCookies);
        Assert.Equal($"Person {person.Subject}"[..32], (await host.FindUserAsync(person.Subject))!.DisplayName[..32]);
    }

    [Theory]
    [InlineData(-59)]
    [InlineData(59)]
    public async Task SignIn_ClockOfTheProviderDiffersByLessThanAMinute_SignsIn(int seconds)
    {
        host.Forged.Next = new Forgery
        {
            Person = TestPerson.Create(),
            Token = token => (token.NotBefore, token.Expires) = seconds > 0 ? (Now(host).AddSeconds(seconds), Now(host).AddMinutes(5)) : (Now(host).AddMinutes(-5), Now(host).AddSeconds(seconds)),
        };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");
        Assert.Equal("/tokens", browser.Address.AbsolutePath);
    }

    [Fact]
    public async Task Callback_UsedASecondTime_IsExplained()
    {
        host.Forged.Next = new Forgery { Person = TestPerson.Create() };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");
        var callback = browser.Visited.Single(address => address.AbsolutePath == "/signin/create");

        await browser.OpenAsync(callback.PathAndQuery);
        Assert.Equal("Expired", browser.Problem);
        using var another = host.Open();
        await another.OpenAsync(callback.PathAndQuery);
        Assert.Equal("Expired", another.Problem);
        await AssertSignedOutAsync(another);
    }

    [Fact]
    public async Task Callback_StateOfAnotherProvider_IsRefused()
    {
        host.Forged.Next = new Forgery { Person = TestPerson.Create() };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");
        var query = QueryHelpers.ParseQuery(browser.Visited.Single(address => address.AbsolutePath == "/signin/create").Query);
        using var another = host.Open();
        await another.OpenAsync("/signin/real/start");
        await another.OpenAsync(QueryHelpers.AddQueryString("/signin/real", new Dictionary<string, string?> { ["code"] = query["code"], ["state"] = query["state"] }));
        Assert.Equal("Expired", another.Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?code=x")]
    [InlineData("?code=x&state=y")]
    [InlineData("?error=access_denied&state=y")]
    [InlineData("?id_token=x&state=y")]
    public async Task Callback_OpenedByHand_IsExplained(string query)
    {
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create" + query);
        Assert.NotNull(browser.Problem);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    [InlineData(500)]
    public async Task SignIn_TokenEndpointFails_IsExplained(int status)
    {
        host.Forged.Next = new Forgery { Person = TestPerson.Create(), TokenStatus = status };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");
        Assert.Equal("Unavailable", browser.Problem);
        Assert.Matches("search for <code[^>]*>[0-9A-Z]+:[0-9A-F]+</code>", browser.Page);
    }

    private static async Task AssertSignedOutAsync(ProviderBrowser browser)
    {
        await browser.OpenAsync("/tokens");
        Assert.Equal("/login", browser.Address.AbsolutePath);
    }

    private static DateTime Now(ProviderHost host) => host.Portal.Clock.GetUtcNow().UtcDateTime;

    private static Forgery With(Forgery right, Action<SecurityTokenDescriptor> change) => new() { Person = right.Person, Token = change };

    private static SigningCredentials Symmetric(byte[] key) => new(new SymmetricSecurityKey(key) { KeyId = "right" }, SecurityAlgorithms.HmacSha256);

    /// <summary>Changes the payload, but not the signature.</summary>
    private static string Swap(string token)
    {
        var parts = token.Split('.');
        var payload = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(parts[1])).Replace("\"sub\":\"s", "\"sub\":\"x", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{parts[0]}.{WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(payload))}.{parts[2]}");
    }
}
