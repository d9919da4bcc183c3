using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>A browser without scripts: it keeps cookies and follows redirects.</summary>
internal sealed partial class ProviderBrowser : IDisposable
{
    private readonly Uri _portal;
    private readonly HttpClient _client;
    private readonly CookieContainer _cookies = new();

    public ProviderBrowser(Uri portal)
    {
        _portal = Address = portal;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies });
    }

    /// <summary>The names of the cookies of a sign-in.</summary>
    public IEnumerable<string> SignInCookies =>
        _cookies.GetAllCookies().Select(cookie => cookie.Name).Where(name => name.StartsWith("portal-signin", StringComparison.Ordinal) || name.StartsWith("portal-nonce", StringComparison.Ordinal) || name == "portal-invitation");

    /// <summary>The address of the last page.</summary>
    public Uri Address { get; private set; }

    /// <summary>The content of the last page.</summary>
    public string Page { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    /// <summary>The addresses of the last navigation.</summary>
    public List<Uri> Visited { get; } = [];

    /// <summary>The problem that the last page explains; null: none.</summary>
    public string? Problem => Address.AbsolutePath == "/login/problem" ? QueryHelpers.ParseQuery(Address.Query)["reason"].ToString() : null;

    public Task OpenAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_portal, path)));

    /// <summary>Sends a form of the last page: its fields, and the given values.</summary>
    /// <param name="action">A part of the form that only it contains.</param>
    public Task SubmitAsync(string action, params (string Name, string Value)[] values)
    {
        var form = Forms().Matches(Page).Select(match => match.Value).SingleOrDefault(form => form.Contains(action, StringComparison.Ordinal));
        Assert.True(form is not null, $"{Address} has no form with {action}.");
        var fields = Fields().Matches(form).Select(match => match.Value)
            .Where(field => Name().IsMatch(field) && field.Contains("hidden", StringComparison.Ordinal))
            .ToDictionary(field => Name().Match(field).Groups[1].Value, field => WebUtility.HtmlDecode(Value().Match(field).Groups[1].Value), StringComparer.Ordinal);
        foreach (var (name, value) in values)
            fields[name] = value;
        var target = ActionOf().Match(form) is { Success: true } match ? new Uri(Address, WebUtility.HtmlDecode(match.Groups[1].Value)) : Address;
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, target) { Content = new FormUrlEncodedContent(fields) });
    }

    /// <summary>Signs in with the real provider, where the person chooses an account.</summary>
    /// <param name="start">The path of Portal that leads to the provider.</param>
    public async Task SignInAsync(TestPerson person, string start = "/signin/real/start")
    {
        await OpenAsync(start);
        await SubmitAsync($"value=\"{person.Subject}\"", ("person", person.Subject));
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(HttpRequestMessage request)
    {
        Visited.Clear();
        for (var next = request; ;)
        {
            Visited.Add(next.RequestUri!);
            using var response = await _client.SendAsync(next, TestContext.Current.CancellationToken);
            (Address, Status) = (next.RequestUri!, response.StatusCode);
            Page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.Headers.Location is not { } location)
                return;
            Assert.True(Visited.Count < 12, string.Join('\n', Visited));
            next = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, location));
        }
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Fields();

    [GeneratedRegex("name=\"([^\"]*)\"")]
    private static partial Regex Name();

    [GeneratedRegex("value=\"([^\"]*)\"")]
    private static partial Regex Value();

    [GeneratedRegex("<form[^>]*action=\"([^\"]*)\"")]
    private static partial Regex ActionOf();
}
