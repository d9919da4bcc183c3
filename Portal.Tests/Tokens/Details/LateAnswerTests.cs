using System.Data.Common;
using Bunit;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

/// <summary>The database answers a page late, in another order than it was asked.</summary>
public sealed class LateAnswerTests : PageTestContext
{
    private readonly HeldReads _reads = new();

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
        // The page renders once more when it has used the late answer.
        page.WaitForState(() => page.RenderCount > rendered);

        Assert.Equal("Second", page.Find("h1").TextContent);
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

    /// <summary>Keeps the reads of one token waiting.</summary>
    private sealed class HeldReads : DbCommandInterceptor
    {
        private TaskCompletionSource _released = new();
        private volatile string? _handle;
        private int _held;

        public int Held => Volatile.Read(ref _held);

        public void Hold(string handle) => (_released, _handle) = (new TaskCompletionSource(), handle);

        public void Release()
        {
            _handle = null;
            _released.SetResult();
        }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (_handle is { } handle && command.Parameters.Cast<DbParameter>().Any(parameter => handle.Equals(parameter.Value)))
            {
                Interlocked.Increment(ref _held);
                await _released.Task;
            }

            return result;
        }
    }
}
