using System.Net;
using System.Text.RegularExpressions;
using Portal.Tests.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Invalid requests to plain HTML pages: forms out of date, posts of any size, addresses with secrets.</summary>
public sealed class PageFormsTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData("")]
    [InlineData("__RequestVerificationToken=stale&_handler=login&Form.Email=ada%40example.com&Form.Password=x")]
    [InlineData("_handler=login&Form.Email=%00%ff")]
    public async Task Post_StaleForm_ShowsTheFormAgainWithASentence(string body)
    {
        var response = await PostAsync("/login?returnUrl=/tokens", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Contains("The form has expired", page, StringComparison.Ordinal);
        Assert.Contains("<label for=\"password\">", page, StringComparison.Ordinal);
    }

    /// <summary>A form that this page doesn't have, none, or two: nothing but a program posts those.</summary>
    [Theory]
    [InlineData("/login", "_handler=setup")]
    [InlineData("/login", "_handler=")]
    [InlineData("/login", "")]
    [InlineData("/login", "_handler=login&_handler=login")]
    [InlineData("/not-found", "")]
    public async Task Post_AnotherForm_ShowsThePageAgainWithASentence(string address, string handler)
    {
        var (token, cookie) = await AntiforgeryAsync();
        var body = $"__RequestVerificationToken={Uri.EscapeDataString(token)}&Form.Email=ada%40example.com&Form.Password=x&";
        using var right = await PostAsync("/login", body + "_handler=login", cookie);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        using var response = await PostAsync(address, body + handler, cookie);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("The form has expired", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>With the antiforgery token in a header, nobody has read the form before.</summary>
    [Theory]
    [InlineData("application/x-www-form-urlencoded", "_handler=setup", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "a=1&{2000}", HttpStatusCode.BadRequest)]
    [InlineData("text/plain", "{200000}", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n{50000}\r\n--x--", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("multipart/form-data; boundary=x", "no part", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data", "no boundary", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{}", HttpStatusCode.BadRequest)]
    [InlineData("text/plain", "_handler=login", HttpStatusCode.BadRequest)]
    public async Task Post_UnreadableFormWithTheTokenInAHeader_ShowsThePageAgainWithASentence(string type, string body, HttpStatusCode expected)
    {
        var text = Regex.Replace(body, "{([0-9]+)}", length => string.Concat(Enumerable.Repeat("b&", int.Parse(length.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))));
        var (token, cookie) = await AntiforgeryAsync();
        var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(text));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await SendAsync("/login", cookie, content, token);

        Assert.Equal(expected, response.StatusCode);
        Assert.Contains("<label for=\"password\">", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Whatever a program sends as a passkey, the page answers, also under an address without passkeys.</summary>
    [Theory]
    [InlineData("127.0.0.1", "/login", "_handler=login-passkey", "You took too long.")]
    [InlineData("localhost", "/login", "_handler=login-passkey&Passkey.Challenge=x", "You took too long.")]
    [InlineData("localhost", "/login", "_handler=login-passkey&Passkey.Challenge={0}&Passkey.Credential=%7B%7D", "Portal doesn")]
    [InlineData("localhost", "/login", "_handler=login-passkey&Passkey.Challenge={0}&Passkey.Credential=%7B%22id%22%3A%5B", "Portal doesn")]
    [InlineData("localhost", "/login/code", "_handler=login-code-passkey&Passkey.Challenge={0}&Passkey.Credential=null", "You took too long.")]
    public async Task Post_NoPasskey_SaysSo(string host, string address, string body, string message)
    {
        var (token, cookie) = await AntiforgeryAsync();
        using var asked = new HttpRequestMessage(HttpMethod.Post, "/login/passkey");
        asked.Headers.Host = "localhost";
        using var answer = await portal.Client.SendAsync(asked);
        using var request = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var browser = Assert.Single(answer.Headers.GetValues("Set-Cookie"), set => set.StartsWith("portal-passkey=", StringComparison.Ordinal));
        Assert.Contains("httponly", browser, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", browser, StringComparison.OrdinalIgnoreCase);

        using var sent = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(
                $"__RequestVerificationToken={Uri.EscapeDataString(token)}&" + body.Replace("{0}", request.RootElement.GetProperty("challenge").GetString(), StringComparison.Ordinal),
                System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        (sent.Headers.Host, _) = (host, sent.Headers.TryAddWithoutValidation("Cookie", $"{cookie}; {browser.Split(';')[0]}"));
        using var response = await portal.Client.SendAsync(sent);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(message, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:99999")]
    [InlineData("a_b..c:1")]
    public async Task Get_SignInUnderAnImpossibleHost_OffersNoPasskeys(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login");
        request.Headers.TryAddWithoutValidation("Host", host);
        using var response = await portal.Client.SendAsync(request);
        Assert.True(response.StatusCode < HttpStatusCode.InternalServerError, response.StatusCode.ToString());
        Assert.DoesNotContain("data-passkey", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_FormFarTooLarge_SaysSo()
    {
        var response = await PostAsync("/login", "Form.Email=" + new string('x', 200_000));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("The data that you sent is too large, so Portal didn", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tokens?q={0}&status=active", "/tokens?status=active")]
    [InlineData("/login?returnUrl=%2Ftokens%3Fq%3D{0}", "/login")]
    [InlineData("/tokens/{0}", "/tokens/SU-160-984-311")]
    [InlineData("/nowhere/{0}/x", "/tokens/SU-160-984-311")]
    [InlineData("/integrations?a={0}&b=1", "/integrations?b=1")]
    public async Task Get_AddressWithAKey_LeadsToTheSameWithoutIt(string address, string cleaned)
    {
        var response = await portal.Client.GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, Uri.EscapeDataString(SecretTextTests.Key)));

        Assert.Equal((HttpStatusCode.Redirect, cleaned), (response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.DoesNotContain(SecretTextTests.Secret, portal.Log.Text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A browser reads two slashes as the beginning of another host.</summary>
    [Theory]
    [InlineData("//evil.example/?x=2&q={0}", "/evil.example/?x=2")]
    [InlineData("///evil.example/?q={0}", "/evil.example/")]
    public async Task Get_AddressWithAKeyAndTwoSlashes_StaysHere(string address, string cleaned)
    {
        var url = portal.Address.GetLeftPart(UriPartial.Authority) + string.Format(System.Globalization.CultureInfo.InvariantCulture, address, Uri.EscapeDataString(SecretTextTests.Key));
        var response = await portal.Client.GetAsync(new Uri(url));

        Assert.Equal((HttpStatusCode.Redirect, cleaned), (response.StatusCode, response.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Get_Page_SaysWhatABrowserMayDoToIt()
    {
        var page = await portal.Client.GetStringAsync("/login");

        Assert.Contains("translate=\"no\"", page, StringComparison.Ordinal);
        Assert.Contains("<meta name=\"google\" content=\"notranslate\"", page, StringComparison.Ordinal);
    }

    /// <summary>The antiforgery token of the sign-in form, and the cookie that belongs to it.</summary>
    private async Task<(string Token, string Cookie)> AntiforgeryAsync()
    {
        using var response = await portal.Client.GetAsync("/login");
        return (
            Regex.Match(await response.Content.ReadAsStringAsync(), "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value,
            response.Headers.GetValues("Set-Cookie").Single(cookie => cookie.Contains("ntiforgery", StringComparison.Ordinal)).Split(';')[0]);
    }

    private async Task<HttpResponseMessage> SendAsync(string address, string? cookie, HttpContent content, string? tokenHeader = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        if (tokenHeader is not null)
            request.Headers.Add("RequestVerificationToken", tokenHeader);
        return await portal.Client.SendAsync(request);
    }

    private Task<HttpResponseMessage> PostAsync(string address, string body, string? cookie = null) =>
        SendAsync(address, cookie, new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"));
}
