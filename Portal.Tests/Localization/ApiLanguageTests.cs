using System.Net;
using System.Text;
using Portal.Tests.Api;
using Portal.Tests.Support;

namespace Portal.Tests.Localization;

/// <summary>Pages use the browser's language. The API is in English, whatever a client prefers.</summary>
public sealed class ApiLanguageTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData(null)]
    [InlineData("de")]
    [InlineData("de-AT,de;q=0.9")]
    public async Task Fault_OfATokensName_IsEnglish(string? preferences)
    {
        var key = await portal.CreateTokenAsync();

        using var response = await portal.Client.SendAsync(
            Request(HttpMethod.Post, ApiCalls.TokensPath, preferences, key.ToHeaderValue(), """{"name":"a\u0007b","extension":{"id":"EXT-000"}}"""),
            TestContext.Current.CancellationToken);

        var errors = await ErrorBody.AssertAsync(response, HttpStatusCode.BadRequest, "VAL_001");
        Assert.Contains("The name contains a control character or an invalid character at position 2. Remove it.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "<html lang=\"en\"", "The email address or password is incorrect.")]
    [InlineData("de", "<html lang=\"de\"", "Die E-Mail-Adresse oder das Kennwort ist falsch.")]
    public async Task SignIn_WrongPassword_IsToldInTheBrowsersLanguage(string? preferences, string language, string fault)
    {
        using var form = await portal.Client.SendAsync(Request(HttpMethod.Get, "/login", preferences), TestContext.Current.CancellationToken);
        var page = await form.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains(language, page, StringComparison.Ordinal);

        var posted = Request(HttpMethod.Post, "/login", preferences);
        posted.Headers.Add("Cookie", form.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        posted.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = page.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0],
            ["_handler"] = "login", ["Form.Email"] = "nobody@example.com", ["Form.Password"] = "a wrong password",
        });
        using var answer = await portal.Client.SendAsync(posted, TestContext.Current.CancellationToken);

        Assert.Contains(fault, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? preferences, string? authorization = null, string? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (preferences is not null)
            request.Headers.TryAddWithoutValidation("Accept-Language", preferences);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return request;
    }
}
