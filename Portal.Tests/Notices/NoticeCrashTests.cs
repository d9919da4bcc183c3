using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;

namespace Portal.Tests.Notices;

/// <summary>A process that dies at any point between the sweep and the end of the mail loses no notice and writes none twice. A mail that was accepted
/// just before is sent again with the same ID.</summary>
public sealed class NoticeCrashTests
{
    /// <summary>The number of writes of a run, the last of which aren't reached if no mail is left.</summary>
    private const int Writes = 12, Deaths = 24;

    [Fact]
    public async Task Run_ProcessThatDies_LosesNothingAndRepeatsOnlyMails()
    {
        var death = new Death();
        await using var it = await NoticePortal.CreateAsync(
            Enumerable.Range(0, Deaths + 4).ToDictionary(day => $"Notices:ExpiryDays:{day}", day => (string?)$"{day}"),
            services => services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(death), ServiceLifetime.Singleton));
        await it.AddTokenAsync(60, "First", "ada@example.com");
        await it.AddTokenAsync(60, "Second", "ada@example.com");
        await it.AddTokenAsync(60, "Third", "zoe@example.com");
        await it.RunAfterAsync(0);
        await it.RunAfterAsync(60 - Deaths);
        var died = 0;
        for (var day = 1; day <= Deaths; day++)
        {
            it.Portal.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(20));
            death.After(day % Writes);
            if (await Record.ExceptionAsync(() => it.Worker.RunAsync(TestContext.Current.CancellationToken)) is not null)
                died++;
            death.Never();
            // The turn and the claims of the dead process end.
            await it.RunAfterAsync(TimeSpan.FromMinutes(10));
            await it.RunAfterAsync(TimeSpan.FromMinutes(10));
        }

        Assert.True(died >= 20, $"{died} deaths");
        var notices = await it.NoticesAsync();
        Assert.Equal(3 * (Deaths + 1), notices.Count);
        Assert.Equal(notices.Count, (await it.Portal.AuditAsync()).Count(entry => entry.Action == "notice.expiring"));
        Assert.All(notices, notice => Assert.NotNull(Assert.Single(notice.Recipients).EndedAt));
        // Two people get a mail each day. A repeated one has the same ID.
        Assert.Equal(2 * (Deaths + 1), it.Mails.Select(mail => mail.MessageId).Distinct().Count());
        Assert.InRange(it.Mails.Count, 2 * (Deaths + 1), 4 * (Deaths + 1));
    }

    /// <summary>Fails a write and everything after it, as if the process had died.</summary>
    private sealed class Death : DbCommandInterceptor, IDbTransactionInterceptor
    {
        private int _left = int.MaxValue;

        public void After(int writes) => _left = writes;

        public void Never() => _left = int.MaxValue;

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(Pass(result));

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            new(command.Transaction is null && _left > 0 ? result : Pass(result));

        public ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) => new(Pass(result));

        private T Pass<T>(T result) => _left == int.MaxValue || --_left >= 0 ? result : throw new InvalidOperationException("The process has died.");
    }
}
