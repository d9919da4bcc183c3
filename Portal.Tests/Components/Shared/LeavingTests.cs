using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens.Details;
using Portal.Tokens.List;

namespace Portal.Tests.Components.Shared;

/// <summary>A page that the user has left reports nothing: its messages would appear on the next page.</summary>
public sealed class LeavingTests : PageTestContext
{
    private readonly LogRecorder _log = new();

    /// <summary>The refresh is due, and its turn comes after the page was left.</summary>
    [Theory]
    [InlineData(typeof(TokenList), "/tokens")]
    [InlineData(typeof(TokenDetailsPage), "/tokens/{0}")]
    public async Task Page_LeftWhenARefreshIsDue_ReportsNothing(Type page, string address)
    {
        var handle = (await Server.CreateAsync(name: "One")).Handle;
        Services.AddSingleton<ILoggerFactory>(new LoggerFactory([_log]));
        SignIn(Role.Administrator);
        Navigation.NavigateTo(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, handle));
        var host = Render<Host>(parameters => parameters.Add(it => it.Page, page).Add(it => it.Handle, page == typeof(TokenDetailsPage) ? handle : null));
        // Until the list has loaded and refreshes itself.
        var name = (await Server.CreateAsync(name: "Made elsewhere")).Handle;
        host.WaitForState(() => host.Markup.Contains(handle, StringComparison.Ordinal));
        if (page == typeof(TokenList))
            await UntilAsync(() =>
            {
                Server.Clock.Advance(TimeSpan.FromSeconds(3));
                return host.Markup.Contains(name, StringComparison.Ordinal);
            });

        await Renderer.Dispatcher.InvokeAsync(() =>
        {
            // On another thread: the refresh then waits until the page, which is busy here, gets to it.
            var clock = new Thread(() => Server.Clock.Advance(TimeSpan.FromDays(30)));
            clock.Start();
            clock.Join();
            host.Instance.Leave();
        });
        await Renderer.Dispatcher.InvokeAsync(() => { });

        Assert.DoesNotContain("Error:", _log.Text, StringComparison.Ordinal);
    }

    /// <summary>Shows a page until it is left.</summary>
    private sealed class Host : ComponentBase
    {
        private bool _left;

        [Parameter, EditorRequired]
        public Type Page { get; set; } = default!;

        [Parameter]
        public string? Handle { get; set; }

        public void Leave()
        {
            _left = true;
            StateHasChanged();
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            if (_left)
                return;
            builder.OpenComponent(0, Page);
            if (Handle is not null)
                builder.AddAttribute(1, nameof(TokenDetailsPage.Handle), Handle);
            builder.CloseComponent();
        }
    }
}
