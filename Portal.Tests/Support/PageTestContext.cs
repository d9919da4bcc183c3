using System.Diagnostics;
using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Passkeys;
using Portal.Accounts.Profile;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.Sessions.Screen;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Nodes;
using Portal.Policies;
using Portal.Notices;
using Portal.Statistics;
using Portal.Tokens;
using Portal.Tokens.Approvals;
using Portal.Tokens.Bulk;
using Portal.Tokens.Bulk.Screen;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Reading;
using Portal.Tokens.Templates;
using Portal.Tokens.Views;
using Portal.Webhooks;

namespace Portal.Tests.Support;

/// <summary>Shows pages to one person with bUnit as the browser, on real services and a separate database. The containers of dialogs, menus and
/// messages are rendered first, as in the layout.</summary>
/// <remarks>SQLite answers without waiting, so a page is complete when it is rendered. The services that pages call are tested on each database.</remarks>
[SqliteOnly]
public abstract class PageTestContext : BunitContext, IAsyncLifetime
{
    private BunitAuthorizationContext _authorization = default!;

    // Other builds and tests on the machine may delay rendering.
    static PageTestContext() => DefaultWaitTimeout = TimeSpan.FromSeconds(20);

    private protected TestPortal Server { get; private set; } = default!;
    private protected IRenderedComponent<MudPopoverProvider> Menus { get; private set; } = default!;
    private protected IRenderedComponent<MudDialogProvider> Dialogs { get; private set; } = default!;
    private protected IRenderedComponent<MudSnackbarProvider> Messages { get; private set; } = default!;

    /// <summary>The test's changes to the default catalog.</summary>
    private protected virtual Action<CatalogOptions>? Catalogue => null;

    private protected virtual Dictionary<string, string?>? Settings => null;

    /// <summary>The test's additional services.</summary>
    private protected virtual Action<IServiceCollection>? Registered => null;

    /// <summary>The test's changes to the server's services.</summary>
    private protected virtual Action<IServiceCollection>? ServerServices => null;

    /// <summary>The path and query of the browser's address.</summary>
    private protected string Address => new Uri(Services.GetRequiredService<NavigationManager>().Uri).PathAndQuery;

    private protected BunitNavigationManager Navigation => Services.GetRequiredService<BunitNavigationManager>();

    /// <summary>Whether a page prevented the last navigation. bUnit adds to the history on another thread: while it does, the answer is no.</summary>
    private protected bool IsNavigationPrevented
    {
        get
        {
            try
            {
                return Navigation.History.FirstOrDefault()?.State == NavigationState.Prevented;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
    }

    public async ValueTask InitializeAsync()
    {
        Server = await TestPortal.CreateAsync(settings: Settings, catalog: Catalogue, services: Registered + ServerServices);
        // Before MudBlazor's, which would use the system's clock.
        Services.AddSingleton<TimeProvider>(Server.Clock);
        Services.AddMudServices();
        Services.AddSingleton(Server.Tokens);
        Services.AddSingleton(Server.Reader);
        Services.AddSingleton(Server.Services.GetRequiredService<OwnerReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<KeyTracer>());
        Services.AddSingleton(Server.Services.GetRequiredService<PolicyService>());
        Services.AddSingleton(Server.Services.GetRequiredService<PolicyPreviewer>());
        Services.AddSingleton(Server.Services.GetRequiredService<TemplateService>());
        Services.AddSingleton(Server.Services.GetRequiredService<ApprovalService>());
        Services.AddSingleton(Server.Catalog);
        Services.AddSingleton(Server.Services.GetRequiredService<StatisticsReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<ActivityReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<TokenViewService>());
        Services.AddSingleton(Server.Services.GetRequiredService<TokenAttentionReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<TokenExporter>());
        Services.AddSingleton(Server.Services.GetRequiredService<TokenListVersion>());
        Services.AddSingleton(Server.Services.GetRequiredService<IOptions<TokenOptions>>());
        Services.AddSingleton(Server.Services.GetRequiredService<IpRuleService>());
        Services.AddSingleton(Server.Services.GetRequiredService<IpRulePreviewer>());
        Services.AddSingleton(Server.Services.GetRequiredService<TokenAccessReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<AddressChecker>());
        Services.AddSingleton(Server.Services.GetRequiredService<UserReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<NodeReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<WebhookReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<WebhookService>());
        Services.AddSingleton(Server.Services.GetRequiredService<IOptions<WebhookOptions>>());
        Services.AddSingleton(Server.Services.GetRequiredService<AuditReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<AuditChecker>());
        Services.AddSingleton(Server.Services.GetRequiredService<NoticeList>());
        Services.AddSingleton(Server.Services.GetRequiredService<NoticeMailStatus>());
        Services.AddSingleton(Server.Services.GetRequiredService<NoticeSettingsService>());
        Services.AddSingleton(Server.Services.GetRequiredService<CalendarService>());
        Services.AddSingleton(Server.Services.GetRequiredService<UserService>());
        Services.AddSingleton(Server.Services.GetRequiredService<InvitationService>());
        Services.AddSingleton(Server.Services.GetRequiredService<SecondFactorService>());
        Services.AddSingleton(Server.Services.GetRequiredService<SecondFactorPolicy>());
        Services.AddSingleton(Server.Services.GetRequiredService<PasskeyService>());
        Services.AddSingleton(Server.Services.GetRequiredService<PasskeyCeremonies>());
        Services.AddSingleton(Server.Services.GetRequiredService<SessionService>());
        Services.AddSingleton(Server.Services.GetRequiredService<ProfileService>());
        Services.AddSingleton(Server.Services.GetRequiredService<ProofService>());
        Services.AddSingleton(Server.Services.GetRequiredService<SignInProviders>());
        Services.AddSingleton(Server.Services.GetRequiredService<ProviderConnections>());
        Services.AddSingleton(Server.Services.GetRequiredService<ProviderProof>());
        Services.AddScoped<IProofPrompt, ProofPrompt>();
        Services.AddScoped<BrowserScript>();
        Services.AddScoped<Messages>();
        Services.AddSingleton(Server.Services.GetRequiredService<TokenUseReader>());
        Services.AddSingleton(Server.Services.GetRequiredService<BulkRunner>());
        Services.AddScoped<IpRuleMessages>();
        Services.AddScoped<TokenDialogs>();
        Services.AddScoped<BulkDialogs>();
        _authorization = AddAuthorization();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    /// <summary>Signs a person in with the claims of the cookie, and opens the frame around the pages.</summary>
    /// <param name="session">The ID of a stored session; null: no proof of who the person is is ever needed.</param>
    private protected void SignIn(Role role, string? session = null) => SignIn(
        new Actor(ActorKind.User, $"user-{role}", $"An {role}", TestPortal.Account, role) { SecurityStamp = TestUsers.StampOf($"user-{role}"), SessionId = session });

    /// <inheritdoc cref="SignIn(Role, string)"/>
    private protected void SignIn(Actor actor)
    {
        _authorization.SetAuthorized($"{actor.Role}@example.com");
        _authorization.SetRoles(actor.Role.ToString());
        _authorization.SetClaims(
            new Claim(ClaimTypes.NameIdentifier, actor.Id), new Claim(PortalClaims.AccountId, actor.AccountId), new Claim(PortalClaims.DisplayName, actor.Name),
            new Claim(PortalClaims.SecurityStamp, actor.SecurityStamp!), new Claim(actor.SessionId is null ? "none" : PortalClaims.SessionId, actor.SessionId ?? ""));
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        (Menus, Dialogs, Messages) = (Render<MudPopoverProvider>(), Render<MudDialogProvider>(), Render<MudSnackbarProvider>());
    }

    /// <summary>All calls of a browser function, oldest first.</summary>
    private protected IReadOnlyList<JSRuntimeInvocation> Asked(string script) => [.. JSInterop.Invocations[script]];

    /// <summary>Opens the ellipsis menu of a token.</summary>
    /// <returns>The items of the menu.</returns>
    private protected async Task<string[]> OpenMenuAsync(IRenderedComponent<IComponent> page, string name)
    {
        await page.Button($"Actions for {name}").ClickAsync();
        return Menus.Texts("[role=menuitem]");
    }

    /// <summary>Selects an item of the open menu, without waiting for its action: that may wait for a dialog.</summary>
    private protected void Choose(string item) => Assert.Single(Menus.FindAll("[role=menuitem]"), candidate => candidate.Words() == item).Click();

    /// <summary>Waits until the dialog is open, and returns its texts.</summary>
    private protected string[] WaitForDialog(string title)
    {
        Dialogs.WaitForAssertion(() => Assert.Equal(title, Dialogs.Find("h2").TextContent));
        return Dialogs.Texts("p");
    }

    /// <summary>Waits for a condition that may become true without a rendering, such as a navigation: bUnit only checks after renderings. Checks
    /// between the page's own steps, never during one.</summary>
    private protected async Task UntilAsync(Func<bool> done)
    {
        for (var start = Stopwatch.GetTimestamp(); !await Renderer.Dispatcher.InvokeAsync(done); await Task.Yield())
            Assert.True(Stopwatch.GetElapsedTime(start) < DefaultWaitTimeout, "It did not come to pass.");
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await Server.DisposeAsync();
    }
}
