using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using Portal.Audit;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>A provider ends sessions with a logout token, and nobody else does.</summary>
[Collection(ProviderTests.Name)]
public sealed class BackChannelLogoutTests(ProviderHost host)
{
    private static readonly RSA AnotherKey = RSA.Create(2048);

    private static readonly Dictionary<string, Action<SecurityTokenDescriptor>> WrongLogouts = new()
    {
        ["another issuer"] = token => token.Issuer = "http://127.0.0.1:1/",
        ["another audience"] = token => token.Audience = "another",
        ["another key"] = token => token.SigningCredentials = new(new RsaSecurityKey(AnotherKey), SecurityAlgorithms.RsaSha256),
        ["no signature"] = token => token.SigningCredentials = null,
        ["a nonce"] = token => token.Claims["nonce"] = "x",
        ["no event"] = token => token.Claims.Remove("events"),
        ["another event"] = token => token.Claims["events"] = new Dictionary<string, object> { ["other"] = new Dictionary<string, object>() },
        ["no ID"] = token => token.Claims.Remove("jti"),
        ["neither subject nor session"] = token => token.Claims.Remove("sub"),
        ["an ID token's type"] = token => token.TokenType = "at+other",
        ["old"] = token => token.IssuedAt = token.IssuedAt!.Value.AddMinutes(-6),
        ["from the future"] = token => token.IssuedAt = token.IssuedAt!.Value.AddMinutes(2),
        ["expired"] = token => token.Expires = token.IssuedAt!.Value.AddMinutes(-2),
    };

    public static TheoryData<string> WrongLogoutNames => [.. WrongLogouts.Keys];

    [Theory]
    [MemberData(nameof(WrongLogoutNames))]
    public async Task BackChannel_WrongToken_EndsNothing(string fault)
    {
        var (person, browser) = await host.ArriveAsync();
        using (browser)
        {
            var (status, body) = await LogOutAsync(host.Real.CreateLogoutToken(person.Subject, change: WrongLogouts[fault]));
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains("\"error\":\"invalid_request\"", body, StringComparison.Ordinal);
            await browser.OpenAsync("/tokens");
            Assert.Equal("/tokens", browser.Address.AbsolutePath);
        }
    }

    [Fact]
    public async Task BackChannel_RightToken_EndsTheSessionsOnce()
    {
        var (person, browser) = await host.ArriveAsync();
        using (browser)
        {
            var token = host.Real.CreateLogoutToken(person.Subject);
            Assert.Equal(HttpStatusCode.OK, (await LogOutAsync(token)).Status);
            await browser.OpenAsync("/tokens");
            Assert.Equal("/login", browser.Address.AbsolutePath);
            var entry = Assert.Single(await host.AuditAsync(person.Subject), entry => entry.Action == AuditAction.SessionsEnded);
            Assert.Equal("Example Login", entry.ActorName);
            Assert.Equal(HttpStatusCode.BadRequest, (await LogOutAsync(token)).Status);
        }
    }

    [Fact]
    public async Task BackChannel_OneSessionOfThePerson_EndsOnlyThis()
    {
        var (person, first) = await host.ArriveAsync();
        using (first)
        using (var second = host.Open())
        {
            await second.SignInAsync(person);
            var actor = await host.ActorAsync(person);
            await using var context = await host.Portal.ContextAsync();
            var sessions = await context.UserSessions.Where(session => session.UserId == actor.Id).OrderBy(session => session.CreatedAt).ToListAsync(TestContext.Current.CancellationToken);
            Assert.Equal(2, sessions.Select(session => session.ProviderSessionId).Distinct().Count());
            Assert.Equal(HttpStatusCode.OK, (await LogOutAsync(host.Real.CreateLogoutToken(person.Subject, sessions[0].ProviderSessionId))).Status);
            Assert.Equal(sessions[1].Id, Assert.Single(await context.UserSessions.AsNoTracking().Where(session => session.UserId == actor.Id).ToListAsync(TestContext.Current.CancellationToken)).Id);
        }
    }

    [Theory]
    [InlineData("/signin/real/logout", "", HttpStatusCode.BadRequest)]
    [InlineData("/signin/real/logout", "logout_token=x", HttpStatusCode.BadRequest)]
    [InlineData("/signin/real/logout", "logout_token=a.b.c&logout_token=d", HttpStatusCode.BadRequest)]
    [InlineData("/signin/none/logout", "logout_token=x", HttpStatusCode.NotFound)]
    public async Task BackChannel_BadInput_IsRefused(string path, string body, HttpStatusCode expected)
    {
        using var content = new StringContent(body, null, "application/x-www-form-urlencoded");
        using var response = await host.Portal.Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
        using var json = new StringContent("{}", null, "application/json");
        using var other = await host.Portal.Client.PostAsync("/signin/real/logout", json, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
    }

    private async Task<(HttpStatusCode Status, string Body)> LogOutAsync(string token)
    {
        using var content = new FormUrlEncodedContent([new("logout_token", token)]);
        using var response = await host.Portal.Client.PostAsync("/signin/real/logout", content, TestContext.Current.CancellationToken);
        Assert.True(response.Headers.CacheControl!.NoStore);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
