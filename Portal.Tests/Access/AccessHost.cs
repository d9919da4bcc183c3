using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Users;
using Portal.Data;
using Portal.Tests.Scim;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Access;

/// <summary>Who opens an address.</summary>
public enum Visitor
{
    Anonymous,

    /// <summary>Has the link of an invitation, and tries its code as a session.</summary>
    Invited,

    /// <summary>Was disabled after signing in.</summary>
    Disabled,

    /// <summary>Signed in, and then did nothing for too long.</summary>
    Expired,

    /// <summary>An administrator of another account.</summary>
    Stranger,
    Viewer,
    Operator,
    Administrator,
}

/// <summary>A Portal with every kind of visitor and a token.</summary>
public sealed partial class AccessHost : IAsyncLifetime
{
    private const string TokenName = "Nightly export of invoices", Password = "correct horse battery";

    private readonly Dictionary<Visitor, string> _cookies = [];
    private int _requests;

    public PortalHost Host { get; } = new("Development", new Dictionary<string, string>
    {
        ["Scim:Token"] = ScimHost.Token, ["Portal:TrustedProxies:0"] = "127.0.0.1", ["Tokens:FailedVerifications"] = "",
    }, null, builder => builder.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton(TimeProvider.System))));

    public string Handle { get; private set; } = "";

    /// <summary>Sends a request as the visitor, without a key, a token or the content of a form.</summary>
    /// <returns>The status, where it leads, and whether it shows the token.</returns>
    internal async Task<string> AskAsync(Visitor visitor, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", Host.Address.GetLeftPart(UriPartial.Authority));
        if (path.StartsWith("/scim/", StringComparison.Ordinal))
        {
            // Each from another address, because of the limit.
            request.Headers.Add("X-Forwarded-For", $"2001:db8:{++_requests}::1");
            request.Headers.Add("X-Forwarded-Proto", "https");
        }

        if (_cookies.TryGetValue(visitor, out var cookie))
            request.Headers.Add("Cookie", cookie);
        using var response = await Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var target = response.Headers.Location is { } location ? " " + location.OriginalString.Split('?')[0] : "";
        return $"{(int)response.StatusCode}{target}{(body.Contains(TokenName, StringComparison.Ordinal) ? " token" : "")}";
    }

    public async ValueTask InitializeAsync()
    {
        await Host.InitializeAsync();
        await using (var context = await Host.ContextAsync())
        {
            context.Accounts.Add(new Account { Id = "PA-300-400", Name = "Another account", CreatedAt = Host.Clock.GetUtcNow().UtcDateTime });
            await context.SaveChangesAsync();
        }

        foreach (var visitor in Enum.GetValues<Visitor>().Where(visitor => visitor >= Visitor.Disabled))
        {
            var role = visitor switch { Visitor.Viewer => Role.Viewer, Visitor.Operator => Role.Operator, _ => Role.Administrator };
            await AddUserAsync(visitor == Visitor.Stranger ? "PA-300-400" : Host.Administrator.AccountId, $"{visitor}@example.com", role);
            _cookies[visitor] = await SignInAsync($"{visitor}@example.com");
        }

        await using (var context = await Host.ContextAsync())
        {
            var disabled = await context.Users.SingleAsync(user => user.Email == "Disabled@example.com");
            await Host.Services.GetRequiredService<UserService>().DisableAsync(Host.Administrator, disabled.Id);
            await context.UserSessions.Where(session => context.Users.Any(user => user.Id == session.UserId && user.Email == "Expired@example.com")).ExecuteDeleteAsync();
        }

        var created = await Host.Tokens.CreateAsync(Host.Administrator, TestTokens.Wanted(TokenName));
        Handle = Assert.IsType<TokenOutcome.Done>(created).Handle;
        var invited = await Host.Services.GetRequiredService<InvitationService>().InviteAsync(Host.Administrator, "invited@example.com", Role.Viewer);
        _cookies[Visitor.Invited] = "portal=" + Assert.IsType<UserOutcome.Done>(invited).Link!.Code;
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private async Task AddUserAsync(string accountId, string email, Role role)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        Assert.Empty((await scope.ServiceProvider.GetRequiredService<AccountService>().CreateUserAsync(accountId, new NewUser(email.Split('@')[0], email, Password), role)).Faults);
    }

    /// <returns>The cookies of the browser.</returns>
    private async Task<string> SignInAsync(string email)
    {
        using var page = await Host.Client.GetAsync("/login");
        using var post = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = "login", ["Form.Email"] = email, ["Form.Password"] = Password,
                ["__RequestVerificationToken"] = AntiforgeryField().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value,
            }),
        };
        post.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        using var answer = await Host.Client.SendAsync(post);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return string.Join("; ", answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
    }

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex AntiforgeryField();
}
