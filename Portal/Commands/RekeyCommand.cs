using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Data.Postgres;

namespace Portal.Commands;

/// <summary>The command that replaces the key of the key ring.</summary>
internal static class RekeyCommand
{
    /// <summary>How often progress is printed, in values.</summary>
    private const int ReportEvery = 10_000;

    /// <summary>A running Portal reads the new key within this time.</summary>
    private static readonly TimeSpan Notice = KeyRingWatch.Interval * 4;

    private sealed record Result(Guid Key, bool Continued, IReadOnlyList<Values> Values, int RemovedKeys);

    private sealed record Values(string Name, long Total, long Reencrypted, long Unreadable);

    public static Command Create(CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        var removeOld = new Option<bool>("--remove-old")
        {
            Description = "Then remove the former keys. Everyone must sign in again.",
        };
        var command = new Command(
            "rekey", "Creates a new key of the key ring, and encrypts all stored keys with it. Works while Portal runs. An interrupted run is continued by the next one.") { removeOld };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var app = await CommandServices.OpenAsync(parsed, options, addParts);
            if (app.Services.GetRequiredService<KeyRingEncryption>().FindFault() is { } fault)
                throw new CommandException(fault);
            var rotation = app.Services.GetRequiredService<KeyRotation>();
            using var run = rotation.TryBegin()
                ?? throw new CommandException($"Another rekey of {app.Services.GetRequiredService<IKeyStore>().Location} is running. Wait until it has ended, and then run the command again.");
            if (!rotation.IsInUse(run.KeyId))
                throw new CommandException("The key ring has a key with a later date than the new one. Check the system clock, and then run the command again. Nothing was changed.");
            try
            {
                if (await IsPortalRunningAsync(app.Services, cancellation))
                    await Task.Delay(Notice, cancellation);
                var values = await ReencryptAsync(parsed, options, rotation, run, cancellation);
                var removed = parsed.GetValue(removeOld) ? rotation.RemoveFormer(run.KeyId) : 0;
                await RecordAsync(app.Services, run.KeyId, removed, cancellation);
                run.Complete();
                options.Print(parsed, new Result(run.KeyId, run.IsContinued, values, removed), Describe(values, run.IsContinued, parsed.GetValue(removeOld), removed));
                return ExitCode.Done;
            }
            catch (OperationCanceledException)
            {
                throw new CommandException("Canceled. The new key is in the key ring, and some values are encrypted with it. Run the command again, which continues with the same key.");
            }
        });
        return command;
    }

    private static async Task<bool> IsPortalRunningAsync(IServiceProvider services, CancellationToken cancellation) =>
        services.GetRequiredService<DatabaseChoice>() is { IsPostgres: true } choice
            ? await PostgresDatabase.AnyNodeAsync(choice.ConnectionString, cancellation)
            : services.GetRequiredService<DataDirectory>().IsOpenElsewhere();

    private static async Task<List<Values>> ReencryptAsync(ParseResult parsed, CommonOptions options, KeyRotation rotation, RotationRun run, CancellationToken cancellation)
    {
        var reported = 0L;
        var results = await NoticedAsync(rotation.ReencryptAsync(run.KeyId, (name, values) =>
        {
            if (parsed.GetValue(options.Json) || values.Total / ReportEvery == reported)
                return;
            reported = values.Total / ReportEvery;
            parsed.InvocationConfiguration.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {values.Total:N0} done"));
        }, cancellation));
        return [.. results.Select(result => new Values(result.Name, result.Values.Total, result.Values.Changed, result.Values.Unreadable))];
    }

    /// <summary>Adds an entry to the audit log of each account.</summary>
    private static async Task RecordAsync(IServiceProvider services, Guid keyId, int removed, CancellationToken cancellation)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync(cancellation);
        foreach (var account in await context.Accounts.ToListAsync(cancellation))
            services.GetRequiredService<AuditLog>().Add(
                context, Operator.Of(account.Id), AuditAction.KeyRingRenewed, account.Id, account.Name,
                new Dictionary<string, object?> { ["key"] = keyId, ["removed"] = removed });
        await context.SaveChangesAsync(cancellation);
    }

    private static async Task<T> NoticedAsync<T>(Task<T> reencryption)
    {
        try
        {
            return await reencryption;
        }
        catch (TimeoutException)
        {
            throw new CommandException("The running Portal continues to use a former key. Check its log, restart it, and then run the command again, which continues with the same key. Nothing is lost.");
        }
    }

    private static IEnumerable<string> Describe(List<Values> values, bool isContinued, bool removes, int removed)
    {
        yield return isContinued ? "Continued the interrupted run with its key." : "Created a new key.";
        foreach (var each in values)
            yield return string.Create(CultureInfo.InvariantCulture, $"{each.Name}: {each.Reencrypted:N0} of {each.Total:N0} encrypted with the new key");
        if (values.Sum(each => each.Unreadable) is > 0 and var unreadable)
            yield return string.Create(CultureInfo.InvariantCulture, $"{unreadable:N0} values can't be decrypted with any key, and stay as they are. Run Portal doctor.");
        yield return removes
            ? string.Create(CultureInfo.InvariantCulture, $"Former keys removed: {removed:N0}. Everyone must sign in again. Make a new backup.")
            : "The former keys are still in the key ring, so that sessions continue. To remove them, run Portal rekey --remove-old.";
    }
}
