using Portal.Data;

namespace Portal.Bench.Seeds;

/// <summary>The data to store for one token.</summary>
/// <param name="Model">The index in <see cref="Seed.Models"/> of the token whose extension and modules it has.</param>
internal sealed record SeededToken(
    string AccountId, string Name, string? ExternalId, string? Description, StoredStatus Status,
    DateTime CreatedAt, DateTime? ExpiresAt, DateTime? PreviousEndsAt, DateTime? DeletedAt, int Model)
{
    private const int Years = 3;

    private static readonly string[]
        Purposes = ["Nightly report", "Order sync", "Price import", "Billing export", "Zapier", "Étiquettes", "Kundendaten", "Usage feed"],
        Places = ["Lisbon", "Hamburg", "Kraków", "Osaka", "Austin", "Tartu", "Perth", "Bergen", "Lyon", "Quito"];

    /// <summary>Tokens that differ only by name: active, without an expiration, for Agreements and Billing.</summary>
    public static SeededToken Plain(int index, DateTime now) =>
        new(Seed.Actor.AccountId, $"Seeded {index}", null, null, StoredStatus.Active, now, null, null, null, 0);

    /// <summary>Tokens like those of an account after some years: of every status and every extension, with and without an expiration, some of them
    /// renewed. Every twentieth belongs to another account. The first one may use every module.</summary>
    public static SeededToken Varied(int index, int tokens, DateTime now)
    {
        if (index == 0)
            return Plain(index, now) with { Model = Seed.AllModules };
        // A number that is the same in every run, but unrelated to the index.
        var dice = (int)(((uint)index * 2_654_435_761u) >> 8);
        int Roll(int sides, int die) => (dice / die) % sides;
        var status = Roll(100, 1) switch { < 85 => StoredStatus.Active, < 92 => StoredStatus.Inactive, < 94 => StoredStatus.Pending, _ => StoredStatus.Deleted };
        var created = now.AddYears(-Years).AddSeconds((now - now.AddYears(-Years)).TotalSeconds / tokens * index);
        DateTime? end = Roll(5, 100) == 0 ? null : now.AddMinutes(Roll(1_000_000, 7) - 200_000);
        var isRenewed = end > now.AddDays(20) && Roll(33, 500) == 0;
        return new SeededToken(
            Roll(20, 33) == 0 ? Seed.OtherAccount : Seed.Actor.AccountId,
            $"{Purposes[Roll(Purposes.Length, 3)]} {Places[Roll(Places.Length, 11)]} {index}",
            Roll(3, 13) == 0 ? null : $"ERP-{index:D8}",
            Roll(2, 17) == 0 ? null : $"Set up for {Places[Roll(Places.Length, 19)]} by the integration team; asks every {Roll(59, 23) + 1} minutes",
            status, created, end,
            isRenewed ? now.AddMinutes(Roll(20_000, 29) + 1) : null,
            status == StoredStatus.Deleted ? created.AddSeconds((now - created).TotalSeconds / 2) : null,
            Roll(100, 41) switch { < 50 => 0, < 60 => Seed.AllModules, < 80 => 2, < 90 => 3, < 99 => 4, _ => 5 });
    }
}
