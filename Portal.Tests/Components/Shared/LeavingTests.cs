using System.Data.Common;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Details;
using Portal.Tokens.List;

namespace Portal.Tests.Components.Shared;

/// <summary>A page that the user leaves while it reads reports nothing: its messages would appear on the next page.</summary>
public sealed class LeavingTests : PageTestContext
{
    private readonly LeaveAtRead _reads = new();
    private readonly LogRecorder _log = new();

    private protected override Action<IServiceCollection> ServerServices => services =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(_reads), ServiceLifetime.Singleton);

    [Theory]
    [InlineData(typeof(TokenList), "/tokens")]
    [InlineData(typeof(TokenDetailsPage), "/tokens/{0}")]
    [InlineData(typeof(TokenDetailsPage), "/tokens/{0}?tab=statistics")]
    public async Task Page_LeftDuringEachOfItsReads_ReportsNothing(Type page, string address)
    {
        var handle = (await Server.CreateAsync(name: "One")).Handle;
        Services.AddSingleton<ILoggerFactory>(new LoggerFactory([_log]));
        SignIn(Role.Administrator);

        var reads = 0;
        do
        {
            Navigation.NavigateTo(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, handle));
            var host = Render<Host>(parameters => parameters.Add(it => it.Page, page).Add(it => it.Handle, page == typeof(TokenDetailsPage) ? handle : null));
            _reads.LeaveAt(++reads, () => Renderer.Dispatcher.InvokeAsync(host.Instance.Leave));
            for (var i = 0; i < 8; i++)
            {
                Server.Clock.Advance(TimeSpan.FromSeconds(3));
                await Renderer.Dispatcher.InvokeAsync(() => { });
            }

            await Renderer.Dispatcher.InvokeAsync(host.Instance.Leave);
        }
        while (_reads.WasLeft);

        Assert.True(reads > 2, "The page read only once.");
        Assert.DoesNotContain("Error:", _log.Text, StringComparison.Ordinal);
    }

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
        for (var i = 0; page == typeof(TokenList) && !host.Markup.Contains(name, StringComparison.Ordinal); i++)
        {
            Assert.True(i < 1000, "The list didn't refresh itself.");
            Server.Clock.Advance(TimeSpan.FromSeconds(3));
            await Task.Yield();
            await Renderer.Dispatcher.InvokeAsync(() => { });
        }

        await Renderer.Dispatcher.InvokeAsync(() =>
        {
            Server.Clock.Advance(TimeSpan.FromHours(1));
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

    /// <summary>Leaves the page during one of its reads.</summary>
    private sealed class LeaveAtRead : DbCommandInterceptor
    {
        private Func<Task>? _leave;
        private int _left;

        public bool WasLeft => Volatile.Read(ref _leave) is null;

        public void LeaveAt(int read, Func<Task> leave) => (_left, _leave) = (read, leave);

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Decrement(ref _left) == 0 && Interlocked.Exchange(ref _leave, null) is { } leave)
                await leave();
            return result;
        }
    }
}
