using Portal.Bench;

// Without arguments: measures everything and writes docs/performance.md. With "bare": is one of the servers measured against.
switch (args)
{
    case []:
        return await Comparison.RunAsync();
    case ["bare", var address]:
        await BareServer.RunAsync(address);
        return 0;
    default:
        await Console.Error.WriteLineAsync("Usage: dotnet run -c Release --project bench");
        return 2;
}
