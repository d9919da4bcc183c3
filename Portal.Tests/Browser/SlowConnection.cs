using System.Text;
using Microsoft.Playwright;

namespace Portal.Tests.Browser;

/// <summary>Delays what the server sends to a page, like a slow network, starting with the call of a given function of portal.js.</summary>
internal sealed class SlowConnection
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _held = new();
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPage _page;
    private readonly string _function;
    private readonly byte[] _identifier;
    private bool _holds, _released;

    private SlowConnection(IPage page, string function) =>
        (_page, _function, _identifier) = (page, function, Encoding.UTF8.GetBytes("portal." + function));

    /// <summary>Call it before the page to be delayed is loaded.</summary>
    public static async Task<SlowConnection> HoldFromAsync(IPage page, string function)
    {
        var connection = new SlowConnection(page, function);
        await page.RouteWebSocketAsync("**/_blazor**", socket =>
        {
            var server = socket.ConnectToServer();
            server.OnMessage(frame => connection.Pass(socket, frame));
        });
        return connection;
    }

    /// <summary>Waits until the server has called the function. The page hasn't received the call yet.</summary>
    public Task CalledAsync() => _called.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Delivers the delayed messages in order, and waits until the page has made the call.</summary>
    public async Task ReleaseAsync()
    {
        await _page.EvaluateAsync(
            """
            name => {
              const call = portal[name];
              window.called = new Promise(done => portal[name] = (...given) => { call(...given); portal[name] = call; done(); });
            }
            """,
            _function);
        lock (_gate)
        {
            (_holds, _released) = (false, true);
            while (_held.TryDequeue(out var send))
                send();
        }

        await _page.EvaluateAsync("() => window.called");
    }

    private void Pass(IWebSocketRoute page, IWebSocketFrame frame)
    {
        Action send = frame.Binary is { } bytes ? () => page.Send(bytes) : () => page.Send(frame.Text!);
        lock (_gate)
        {
            if (!_released && frame.Binary is not null && frame.Binary.AsSpan().IndexOf(_identifier) >= 0)
            {
                _holds = true;
                _called.TrySetResult();
            }

            if (_holds)
                _held.Enqueue(send);
            else
                send();
        }
    }
}
