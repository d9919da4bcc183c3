using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

public sealed class DisableWhileCalledTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const int Clients = 8, Rounds = 25, RequestsInEachState = 16;
    private const int Changing = 0, Enabled = 1, Disabled = 2;

    /// <summary>Clients call continuously while the token is disabled and enabled. The response to a request that begins and ends within one state
    /// must match that state.</summary>
    [Fact]
    public async Task DisableAndEnable_WhileClientsCall_HoldForEveryRequestThatBeginsAfterwards()
    {
        var key = await portal.CreateTokenAsync();
        var state = new State();
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => CallAsync(key, state))).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            await state.HoldAsync(Enabled, RequestsInEachState);
            await portal.DisableAsync(key);
            await state.HoldAsync(Disabled, RequestsInEachState);
            await portal.EnableAsync(key);
        }

        state.Stop();
        await Task.WhenAll(clients);
        Assert.Empty(state.Wrong);
    }

    private async Task CallAsync(ApiKey key, State state)
    {
        while (!state.Stopped)
        {
            var before = state.Stamp;
            using var response = await portal.SendAsync(key, "/public/v1/agreements");
            state.Judge(before, (int)response.StatusCode);
        }
    }

    /// <summary>The known state of the token. Each change has its own number.</summary>
    private sealed class State
    {
        private readonly Lock _lock = new();
        private readonly List<string> _wrong = [];
        private (int Number, int State) _stamp;
        private int _wanted;
        private TaskCompletionSource _judgedEnough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _stopped;

        public bool Stopped => _stopped;
        public IReadOnlyList<string> Wrong => _wrong;

        public (int Number, int State) Stamp
        {
            get
            {
                lock (_lock)
                    return _stamp;
            }
        }

        /// <summary>Records that the state applies from now on, and waits until this many requests were answered in it.</summary>
        public async Task HoldAsync(int state, int requests)
        {
            Task enough;
            lock (_lock)
            {
                _judgedEnough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (_stamp, _wanted, enough) = ((_stamp.Number + 1, state), requests, _judgedEnough.Task);
            }

            await enough.WaitAsync(TimeSpan.FromSeconds(30));
            lock (_lock)
                _stamp = (_stamp.Number + 1, Changing);
        }

        public void Judge((int Number, int State) before, int status)
        {
            lock (_lock)
            {
                if (before != _stamp || before.State == Changing)
                    return;
                if (status != (before.State == Enabled ? 200 : 401))
                    _wrong.Add($"change {before.Number}: {status} while {(before.State == Enabled ? "enabled" : "disabled")}");
                if (--_wanted == 0)
                    _judgedEnough.SetResult();
            }
        }

        public void Stop() => _stopped = true;
    }
}
