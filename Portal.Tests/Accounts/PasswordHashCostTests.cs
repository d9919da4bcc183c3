using System.Diagnostics;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Accounts;
using Portal.Data;

namespace Portal.Tests.Accounts;

/// <summary>The cost of a password hash. The figures are literals: a test that only compares with the constants would follow if they were
/// lowered.</summary>
public sealed class PasswordHashCostTests
{
    /// <summary>OWASP, Password Storage Cheat Sheet: PBKDF2-HMAC-SHA512.</summary>
    private const int AskedByOwasp = 220_000;

    private static readonly PortalUser Ada = new() { AccountId = "", DisplayName = "Ada" };

    [Fact]
    public void Iterations_AreAtLeastWhatOwaspAsks() => Assert.True(PasswordHashCost.Iterations >= AskedByOwasp, $"{PasswordHashCost.Iterations} iterations are too few.");

    [Fact]
    public void Hasher_OfIdentity_WritesTheLayoutThatIsRead() =>
        Assert.Equal((1_000, PasswordHashCost.Iterations), (PasswordHashCost.IterationsOf(HashWith(1_000)), PasswordHashCost.IterationsOf(PasswordHashCost.UnmatchableHash)));

    [Fact]
    public void MostAtOnce_IsOneOrTwo() => Assert.InRange(PasswordChecker.MostAtOnce, 1, 2);

    /// <summary>Uses the shortest of several runs, which no other process disturbed: 219,000 additional iterations take tens of milliseconds on any
    /// machine, and none take less than one.</summary>
    [Fact]
    public void MakeUp_HashOfAnEarlierStrength_DoesTheRestOfTheWork()
    {
        var (weak, full) = (HashWith(1_000), PasswordHashCost.UnmatchableHash);
        Assert.True(Shortest(weak) > 10 * Shortest(full), "The age of a hash shows in the time.");
    }

    private static string HashWith(int iterations) =>
        new PasswordHasher<PortalUser>(Options.Create(new PasswordHasherOptions { IterationCount = iterations })).HashPassword(Ada, "a long sentence to remember");

    private static TimeSpan Shortest(string hash) => Enumerable.Range(0, 5).Min(_ =>
    {
        var start = Stopwatch.GetTimestamp();
        PasswordHashCost.EqualizeCost(hash, "a long sentence to remember");
        return Stopwatch.GetElapsedTime(start);
    });
}
