namespace Portal.Data;

/// <summary>The statements of <see cref="CountStore"/>, in the order in which a transaction runs them.</summary>
internal enum CountKind
{
    DailyCounts,
    LatencyCounts,
    HourlyCounts,
    TokenUses,
    SecretUses,
    ModuleUses,
    SeenAddresses,

    /// <summary>Removes addresses that are no longer among the latest.</summary>
    FormerAddresses,
    RecentRequests,
}
