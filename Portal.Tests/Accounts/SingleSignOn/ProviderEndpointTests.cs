using System.Net;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Commands.Checks;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>The addresses that begin a sign-in, and what a person sees if the provider doesn't work.</summary>
[Collection(ProviderTests.Name)]
public sealed class ProviderEndpointTests(ProviderHost host)
{
    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/logout")]
    public async Task SignIn_ReturnUrlElsewhere_OpensTheTokens(string address)
    {
        host.Forged.Next = new Forgery { Person = TestPerson.Create() };
        using var browser = host.Open();
        await browser.OpenAsync($"/signin/create/start?returnUrl={Uri.EscapeDataString(address)}");
        Assert.Equal("/tokens", browser.Address.AbsolutePath);
        Assert.Equal(host.Portal.Address.Port, browser.Address.Port);
    }

    [Fact]
    public async Task SignIn_ReturnUrlOfPortal_OpensIt()
    {
        host.Forged.Next = new Forgery { Person = TestPerson.Create() };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start?returnUrl=%2Fprofile");
        Assert.Equal("/profile", browser.Address.AbsolutePath);
    }

    [Theory]
    [InlineData("down", "Unavailable")]
    [InlineData("lying", "Unavailable")]
    public async Task Start_ProviderIsDownOrOfAnotherIssuer_IsExplained(string provider, string problem)
    {
        using var browser = host.Open();
        await browser.OpenAsync($"/signin/{provider}/start");
        Assert.Equal(problem, browser.Problem);
        await browser.OpenAsync("/login");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await browser.OpenAsync($"/signin/{provider}?code=x&state=y");
        Assert.NotNull(browser.Problem);
        using var content = new FormUrlEncodedContent([new("logout_token", "a.b.c")]);
        using var response = await host.Portal.Client.PostAsync($"/signin/{provider}/logout", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/signin/none/start")]
    [InlineData("/signin/none/join")]
    public async Task Start_UnknownProvider_IsNotFound(string path)
    {
        using var browser = host.Open();
        await browser.OpenAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Fact]
    public async Task Doctor_ReadsEachDiscoveryDocument()
    {
        var findings = await ProviderChecks.RunAsync(host.Portal.Services, TestContext.Current.CancellationToken);
        Assert.Contains(findings, found => found.Status == FindingStatus.Ok && found.Message == $"real: the discovery document of {host.Real.Address} is valid. The provider supports sign-out.");
        Assert.Contains(findings, found => found.Status == FindingStatus.Failure && found.Message.StartsWith("down: ", StringComparison.Ordinal));
        Assert.Contains(findings, found => found.Status == FindingStatus.Failure && found.Message.StartsWith("lying: ", StringComparison.Ordinal) && found.Message.Contains("is of another issuer", StringComparison.Ordinal));
    }

    /// <summary>What links and scripts could add to the page.</summary>
    [Fact]
    public async Task ProblemPage_OtherWords_ShowsNoneOfThem()
    {
        using var browser = host.Open();
        await browser.OpenAsync("/login/problem?reason=evil&provider=evil&id=call%20evil.example");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.DoesNotContain("evil", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_OfASignIn_AreShortLivedAndHttpOnly()
    {
        using var response = await host.Portal.Client.GetAsync("/signin/create/start", TestContext.Current.CancellationToken);
        var cookies = response.Headers.GetValues("Set-Cookie").ToList();
        Assert.Equal(2, cookies.Count);
        Assert.All(cookies, cookie => Assert.Matches(@"^portal-(signin|nonce)\.[^;]+; max-age=600; path=/signin/create; samesite=lax; httponly$", cookie));
        var query = QueryHelpers.ParseQuery(response.Headers.Location!.Query);
        Assert.Equal(("code", "S256", "openid profile email"), (query["response_type"].ToString(), query["code_challenge_method"].ToString(), query["scope"].ToString()));
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Start_BehindAProxy_UsesThePublicAddressAndHostCookies()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/signin/create/start");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "portal.example.com");
        request.Headers.Add("X-Forwarded-Prefix", "/portal");
        using var response = await host.Portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("https://portal.example.com/portal/signin/create", QueryHelpers.ParseQuery(response.Headers.Location!.Query)["redirect_uri"]);
        Assert.All(response.Headers.GetValues("Set-Cookie"), cookie => Assert.Matches(@"^__Host-portal-(signin|nonce)\.[^;]+; max-age=600; (domain=; )?path=/; secure; samesite=lax; httponly$", cookie));
    }

    [Fact]
    public async Task Log_OfASignIn_HoldsNoSecret()
    {
        var token = "";
        host.Forged.Next = new Forgery { Person = TestPerson.Create(), Replace = right => token = right };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");
        var query = QueryHelpers.ParseQuery(browser.Visited.Single(address => address.AbsolutePath == "/signin/create").Query);
        Assert.Contains("provider:create", host.Portal.Log.Text, StringComparison.Ordinal);
        Assert.All(
            [token, query["code"].ToString(), query["state"].ToString()[..60], "the secret of create", "portal-nonce."],
            secret => Assert.DoesNotContain(secret, host.Portal.Log.Text, StringComparison.Ordinal));
        var options = host.Portal.Services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get("provider:create");
        Assert.Equal(TimeSpan.FromSeconds(10), options.Backchannel.Timeout);
    }

    /// <summary>The response comes in the address. A form could be large.</summary>
    [Fact]
    public async Task Callback_PostedForm_IsNotRead()
    {
        using var content = new FormUrlEncodedContent([new("code", "x"), new("state", "y")]);
        using var response = await host.Portal.Client.PostAsync("/signin/create", content, TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Redirect, response.StatusCode.ToString());
        Assert.NotEqual("/login/problem", response.Headers.Location?.ToString().Split('?')[0]);
    }
}
