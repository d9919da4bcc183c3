using Portal.Authentication;
using Portal.Tests.Support;

namespace Portal.Tests.Authentication;

public sealed class SecretSetTests
{
    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 5_000)]
    [InlineData(3, 200_000)]
    public void AddAndRemove_AnyOrder_HoldsWhatAHashSetHolds(int seed, int changes)
    {
        var random = new SeededRandom(seed);
        var (set, expected) = (new SecretSet(), new HashSet<ulong>());
        var values = Enumerable.Range(0, changes / 2).Select(_ => Value(random)).ToArray();
        for (var i = 0; i < changes; i++)
        {
            var value = values[random.Next(values.Length)];
            if (random.Next(3) > 0)
            {
                set.Add(value);
                expected.Add(value);
            }
            else
            {
                set.Remove(value);
                expected.Remove(value);
            }
        }

        Assert.Equal(expected.Count, set.Count);
        Assert.All(values, value => Assert.Equal(expected.Contains(value), set.Contains(value)));
        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.False(set.Contains(Value(random))));
    }

    [Fact]
    public void Remove_OfAnUnknownValue_ChangesNothing()
    {
        var set = new SecretSet();
        set.Add(7);
        set.Remove(8);
        Assert.Equal(1, set.Count);
        Assert.True(set.Contains(7));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1UL << 40 | 5)]
    [InlineData(ulong.MaxValue)]
    public void Contains_EmptySet_ContainsNothing(ulong value) => Assert.False(new SecretSet().Contains(value));

    [Fact]
    public void Add_AMillion_Takes16MiB()
    {
        var (random, set) = (new SeededRandom(4), new SecretSet());
        for (var i = 0; i < 1_000_000; i++)
            set.Add(Value(random));
        Assert.Equal((1_000_000, 16 << 20), (set.Count, set.Slots * sizeof(ulong)));
    }

    [Fact]
    public async Task Contains_WhileOthersAreAddedAndRemoved_AlwaysFindsWhatStays()
    {
        var random = new SeededRandom(5);
        var (set, stays) = (new SecretSet(), Enumerable.Range(0, 200).Select(_ => Value(random)).ToArray());
        foreach (var value in stays)
            set.Add(value);
        using var done = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var missed = 0;
            do
                missed += stays.Count(value => !set.Contains(value));
            while (!done.IsCancellationRequested);
            return missed;
        });
        var others = Enumerable.Range(0, 100_000).Select(_ => Value(random)).ToArray();
        foreach (var value in others)
            set.Add(value);
        foreach (var value in others)
            set.Remove(value);
        await done.CancelAsync();

        Assert.Equal(0, await reading);
        Assert.Equal(stays.Length, set.Count);
    }

    private static ulong Value(SeededRandom random) => (ulong)random.Next(1 << 22) << 42 ^ (ulong)random.Next(1 << 22) << 21 ^ (ulong)random.Next(1 << 21);
}
