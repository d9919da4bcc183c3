using System.Globalization;

namespace Portal.Tokens.Approvals.Screen;

/// <summary>The requests that the page shows, as its address says: the newest of both kinds, or older ones of one kind.</summary>
/// <param name="Decided">Whether <paramref name="Before"/> belongs to the requests that no longer wait.</param>
/// <param name="Before">The ID before which the requests begin; null: the newest of both kinds.</param>
internal sealed record ApprovalsAddress(bool Decided = false, long? Before = null)
{
    public const string Path = "approvals";

    public const string WaitingBefore = "waiting_before";
    public const string DecidedBefore = "decided_before";

    public bool ShowsOlder => Before is not null;

    public bool ShowsWaiting => !ShowsOlder || !Decided;

    public bool ShowsDecided => !ShowsOlder || Decided;

    /// <summary>Ignores values that are no IDs.</summary>
    public static ApprovalsAddress Parse(string? waitingBefore, string? decidedBefore) =>
        ParseId(waitingBefore) is { } waiting ? new(false, waiting) : ParseId(decidedBefore) is { } decided ? new(true, decided) : new();

    public string Write() => Before is { } id ? string.Create(CultureInfo.InvariantCulture, $"{Path}?{(Decided ? DecidedBefore : WaitingBefore)}={id}") : Path;

    private static long? ParseId(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;
}
