using MudBlazor;
using MudBlazor.Services;
using Portal.Components.Circuits;
using Portal.Components.Shared;

namespace Portal.Components;

/// <summary>Registers the services of this folder: every page of the portal.</summary>
public static class PagesExtensions
{
    public static void AddPages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.DetailedErrors = false)
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = Shared.InputLimits.Message);
        builder.AddCircuits();
        builder.Services.AddScoped<Shared.BrowserScript>();
        builder.Services.AddScoped<Shared.Messages>();
        builder.Services.AddScoped<Shared.IProofPrompt, Accounts.Sessions.Screen.ProofPrompt>();
        builder.Services.AddScoped<IpRules.Screen.IpRuleMessages>();
        builder.Services.AddSingleton<Notices.Screen.CalendarLimiter>();
        builder.Services.AddScoped<Tokens.Dialogs.TokenDialogs>();
        builder.Services.AddScoped<Tokens.Bulk.Screen.BulkDialogs>();
        builder.Services.AddTransient<MudLocalizer, MudTexts>();
        builder.Services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            mud.SnackbarConfiguration.VisibleStateDuration = 6000;
            mud.SnackbarConfiguration.MaximumOpacity = 100;
            mud.SnackbarConfiguration.BackgroundBlurred = false;
            mud.SnackbarConfiguration.ShowTransitionDuration = 100;
            mud.SnackbarConfiguration.HideTransitionDuration = 100;
        });
    }

    /// <summary>Maps the pages. A page that doesn't specify otherwise requires a signed-in user.</summary>
    public static void MapPages(this IEndpointRouteBuilder app) =>
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode().RequireAuthorization().RequireOwnOrigin();
}
