using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Data;

namespace Portal.Commands;

/// <summary>The command that checks the audit log.</summary>
internal static class AuditCommands
{
    private sealed record Result(int Entries, int Unchained, AuditHead? Head, IReadOnlyList<long> Broken, IReadOnlyList<long> WrongTrims, bool? ExpectedFound);

    public static Command Create(CommonOptions options, Action<WebApplicationBuilder> addParts) =>
        new("audit", "Checks the audit log.") { CreateVerify(options, addParts) };

    private static Command CreateVerify(CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        var expect = new Option<string?>("--expect")
        {
            Description = "An entry and its hash that you have stored elsewhere, as ID:HASH. Portal writes them to its log every hour.",
        };
        expect.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && Parse(text) is null)
                result.AddError("--expect must be the ID of an entry and its hash, such as 42:9f86d081…, with 64 hexadecimal digits.");
        });
        var command = new Command("verify", "Checks that no entry was changed or removed since it was written. Works while Portal runs. Exit code 1 if one was.") { expect };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var app = await CommandServices.OpenAsync(parsed, options, addParts);
            await using var context = await app.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync(cancellation);
            var state = await AuditChain.CheckAsync(context, cancellation: cancellation);
            var trims = await AuditTrims.FindWrongAsync(context, cancellation);
            bool? found = Parse(parsed.GetValue(expect)) is { } expected ? await AuditChain.HasAsync(context, expected, cancellation) : null;
            options.Print(parsed, new Result(state.Entries, state.Unchained, state.Head, state.Broken, trims, found), Describe(state, trims, found));
            return state.Broken.Count + trims.Count == 0 && found is not false ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static IEnumerable<string> Describe(AuditChainState state, IReadOnlyList<long> trims, bool? found)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{state.Entries:N0} entries.");
        if (state.Unchained > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{state.Unchained:N0} of them are older than the hashes, so they can't be checked.");
        yield return state.Broken.Count == 0
            ? "Every entry fits the one before it."
            : $"FAILURE: {(state.Broken.Count == 1 ? "entry" : "entries")} {string.Join(", ", state.Broken)} {(state.Broken.Count == 1 ? "was" : "were")} changed, or the entries before were removed. Compare with a backup.";
        if (trims.Count > 0)
            yield return $"FAILURE: the log doesn't record the removal of the entries up to {string.Join(", ", trims)}, or records another one. Entries may have been removed before the end of their retention. Compare with a backup.";
        if (state.Head is { } head)
            yield return $"Newest entry: {head.Id}:{head.Hash}";
        if (found is { } isFound)
            yield return isFound ? "The expected entry is there." : "FAILURE: the expected entry is missing or has another hash. The log was cut or written anew. Compare with a backup.";
    }

    private static AuditHead? Parse(string? text) =>
        text?.Split(':') is [var id, { Length: 64 } hash] && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && hash.All(char.IsAsciiHexDigit)
            ? new AuditHead(number, hash.ToLowerInvariant())
            : null;
}
