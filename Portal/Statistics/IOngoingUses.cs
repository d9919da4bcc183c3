namespace Portal.Statistics;

/// <summary>Finds requests in progress, whose keys are in use until they end. The part that serves requests implements this.</summary>
public interface IOngoingUses
{
    /// <summary>Finds the requests that began at a time or before it.</summary>
    /// <param name="latest">UTC.</param>
    /// <param name="now">The time of the returned uses, in UTC.</param>
    IReadOnlyList<OngoingUse> Find(DateTime latest, DateTime now);
}

/// <summary>A token's key that a request in progress uses.</summary>
public readonly record struct OngoingUse(long TokenId, Use Use);
