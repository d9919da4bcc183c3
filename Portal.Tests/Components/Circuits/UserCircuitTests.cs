using Microsoft.AspNetCore.Components;
using Portal.Components.Circuits;

namespace Portal.Tests.Components.Circuits;

public sealed class UserCircuitTests
{
    /// <summary>The confirmation of a render removes the event handlers that it replaced, and a click may still need one of them.</summary>
    [Fact]
    public async Task Activities_DuringASlowRender_RunInTheOrderOfTheirArrival()
    {
        var renderer = Dispatcher.CreateDefault();
        var circuit = new UserCircuit(null!, null!, new CircuitAuthentication(), null!) { Dispatch = renderer.InvokeAsync };
        List<string> order = [];
        var click = circuit.CreateInboundActivityHandler(_ => renderer.InvokeAsync(() => order.Add("click")));
        var confirmation = circuit.CreateInboundActivityHandler(_ =>
        {
            order.Add("confirmation");
            return Task.CompletedTask;
        });
        using ManualResetEventSlim began = new(), ended = new();
        var render = Task.Run(
            () => renderer.InvokeAsync(() =>
            {
                began.Set();
                ended.Wait();
            }),
            TestContext.Current.CancellationToken);
        began.Wait(TestContext.Current.CancellationToken);

        Task[] activities = [click(null!), confirmation(null!)];
        ended.Set();
        await Task.WhenAll([render, .. activities]);

        Assert.Equal(["click", "confirmation"], order);
    }
}
