namespace Portal.Tests.Support;

[Slow]
public sealed class PortalProcessTests
{
    [Fact]
    public async Task Start_EmptyDataDirectory_ListensAndPrintsASetupCode()
    {
        await using var portal = await PortalProcess.StartAsync();
        Assert.Matches("^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$", portal.SetupCode);
    }
}
