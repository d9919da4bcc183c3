using Portal.Tests.Browser;
using Portal.Tests.Data.Postgres;
using Portal.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Portal.Tests.Support;

/// <summary>Starts the tests on PostgreSQL and the browser tests first: they run one after the other and take the longest, so the run would otherwise
/// end with them alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest = [nameof(PostgresSuiteTests), BrowserTests.Name, MoreBrowserTests.Name, DemoBrowserTests.Name, nameof(PostgresPlanTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Array.FindIndex(Longest, name => IsOf(collection, name)) is >= 0 and var rank ? rank : Longest.Length)];

    /// <summary>A class without a collection has one that is named after it.</summary>
    private static bool IsOf(ITestCollection collection, string name) =>
        collection.TestCollectionDisplayName == name || collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal);
}
