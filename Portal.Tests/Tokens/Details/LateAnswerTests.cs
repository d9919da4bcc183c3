using System.Data.Common;
using Bunit;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

/// <summary>The database responds to a page late, in a different order from the requests.</summary>
public sealed class LateAnswerTests : PageTestContext
{
    private readonly HeldReads _reads = new();
    private IRenderedComponent<TokenDetailsPage>? _page;

    private protected override Action<IServiceCollection> ServerServices => services =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(_reads), ServiceLifetime.Singleton);

    [Fact]
    public async Task Details_AnotherTokenMeanwhile_TheLateAnswerChangesNothing()
    {
        var (first, second) = ((await Server.CreateAsync(name: "First")).Handle, (await Server.CreateAsync(name: "Second")).Handle);
        SignIn(Role.Administrator);
        _reads.Hold(first);
        var page = Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, first));
        page.Render(parameters => parameters.Add(it => it.Handle, second));
        page.WaitForAssertion(() => Assert.Equal("Second", page.Find("h1").TextContent));

        var rendered = page.RenderCount;
        _reads.Release();
        // The page renders again when it has used the late response.
        page.WaitForState(() => page.RenderCount > rendered);

        Assert.Equal("Second", page.Find("h1").TextContent);
    }

    [Fact]
    public async Task Details_AnotherTokenMeanwhile_LateTokensOfTheFirstAreNotShown()
    {
        var (first, second) = ((await Server.CreateAsync(name: "First")).Handle, (await Server.CreateAsync(name: "Second")).Handle);
        await CreatedTokensTests.ChildAsync(Server, first, "Child of the first");
        SignIn(Role.Administrator);

        LeaveWhileReading(first, second, statement => statement.Contains("\"CreatedById\" = ", StringComparison.Ordinal), "");

        Assert.DoesNotContain("Child of the first", _page!.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_AnotherTokenMeanwhile_LateRequestsOfTheFirstAreNotShown()
    {
        var (first, second) = ((await Server.CreateAsync(name: "First")).Handle, (await Server.CreateAsync(name: "Second")).Handle);
        Server.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(1, DateOnly.FromDateTime(Server.Now), "MD-0002", 200, ""), new Use(1, Server.Now, null, "MD-0002"), served: new ServedRequest("GET", "/of-the-first", TimeSpan.Zero));
        await Server.Services.GetRequiredService<CountWriter>().FlushAsync(Xunit.TestContext.Current.CancellationToken);
        SignIn(Role.Administrator);

        LeaveWhileReading(first, second, statement => statement.StartsWith("SELECT \"t\".\"Id\"\nFROM", StringComparison.Ordinal), "?tab=statistics");

        Assert.DoesNotContain("/of-the-first", _page!.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_AnotherToken_NothingOfTheFirstIsOnViewUntilItIsRead()
    {
        var (first, second) = ((await Server.CreateAsync(name: "First")).Handle, (await Server.CreateAsync(name: "Second")).Handle);
        SignIn(Role.Administrator);
        var page = Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, first));
        Assert.Equal("First", page.Find("h1").TextContent);
        _reads.Hold(second);

        page.Render(parameters => parameters.Add(it => it.Handle, second));

        Assert.Empty(page.FindAll(".page-header .actions > *"));
        Assert.DoesNotContain("First", page.Markup, StringComparison.Ordinal);
        _reads.Release();
        page.WaitForAssertion(() => Assert.Equal("Second", page.Find("h1").TextContent));
    }

    [Fact]
    public async Task Refresh_SlowerThanTheTimer_IsAskedOnceAndThePageSaysSo()
    {
        var handle = (await Server.CreateAsync()).Handle;
        SignIn(Role.Administrator);
        var page = Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, handle));
        _reads.Hold(handle);

        for (var i = 0; i < 4; i++)
        {
            Server.Clock.Advance(TimeSpan.FromSeconds(3));
            await Renderer.Dispatcher.InvokeAsync(() => { });
        }

        page.WaitForAssertion(() => Assert.Contains("responds slowly", page.Find("[role=status]").TextContent, StringComparison.Ordinal));
        Assert.Equal(1, _reads.Held);
        _reads.Release();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".note[role=status]")));
    }

    [Fact]
    public async Task Edit_AnotherTokenUnderTheSamePage_FillsTheFormAnew()
    {
        var (first, second) = ((await Server.CreateAsync(name: "First")).Handle, (await Server.CreateAsync(name: "Second")).Handle);
        SignIn(Role.Administrator);
        var page = Render<TokenEditPage>(parameters => parameters.Add(it => it.Handle, first));
        Assert.Equal("First", page.Field("Name").GetAttribute("value"));

        page.Render(parameters => parameters.Add(it => it.Handle, second));

        page.WaitForAssertion(() => Assert.Equal("Second", page.Field("Name").GetAttribute("value")));
    }

    /// <summary>Navigates to the second token while part of the first one's page is still being read.</summary>
    private void LeaveWhileReading(string first, string second, Func<string, bool> part, string query)
    {
        _reads.Hold(first, part);
        Navigation.NavigateTo($"/tokens/{first}{query}");
        _page = Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, first));
        _page.WaitForState(() => _reads.Held == 1);
        Navigation.NavigateTo($"/tokens/{second}{query}");
        _page.Render(parameters => parameters.Add(it => it.Handle, second));
        _page.WaitForAssertion(() => Assert.Equal("Second", _page.Find("h1").TextContent));

        var rendered = _page.RenderCount;
        _reads.Release();
        // The page renders again when it has used the late response.
        _page.WaitForState(() => _page.RenderCount > rendered);
    }

    /// <summary>Delays the reads of one token.</summary>
    private sealed class HeldReads : DbCommandInterceptor
    {
        private TaskCompletionSource _released = new();
        private volatile string? _handle;
        private Func<string, bool> _part = _ => true;
        private int _held;

        public int Held => Volatile.Read(ref _held);

        public void Hold(string handle, Func<string, bool>? part = null) => (_released, _part, _handle) = (new TaskCompletionSource(), part ?? (_ => true), handle);

        public void Release()
        {
            _handle = null;
            _released.SetResult();
        }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (_handle is { } handle && command.Parameters.Cast<DbParameter>().Any(parameter => handle.Equals(parameter.Value)) && _part(command.CommandText))
            {
                Interlocked.Increment(ref _held);
                await _released.Task;
            }

            return result;
        }
    }
}
