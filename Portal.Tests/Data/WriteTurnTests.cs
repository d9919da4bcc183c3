using Portal.Data;

namespace Portal.Tests.Data;

public sealed class WriteTurnTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_WhileAnotherHasIt_WaitsUntilItIsLetGo()
    {
        var turn = new WriteTurn();
        var first = await turn.TakeAsync(Cancellation);
        var second = turn.TakeAsync(Cancellation);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        Assert.True(turn.TakeAsync(Cancellation).IsCompleted);
    }

    [Fact]
    public async Task Take_AnotherNeverLetsGo_GoesOnAllTheSame()
    {
        var turn = new WriteTurn();
        using var stuck = await turn.TakeAsync(Cancellation);
        (await turn.TakeAsync(Cancellation)).Dispose();
        // What was not taken was not let go either.
        Assert.False(turn.TakeAsync(Cancellation).IsCompleted);
    }

    [Fact]
    public async Task Dispose_Twice_LetsGoOnce()
    {
        var turn = new WriteTurn();
        var first = await turn.TakeAsync(Cancellation);
        first.Dispose();
        first.Dispose();
        using var second = await turn.TakeAsync(Cancellation);
        Assert.False(turn.TakeAsync(Cancellation).IsCompleted);
    }
}
