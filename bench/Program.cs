using System.Globalization;
using Portal.Bench;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;

// "serve" runs one of the servers that Portal is compared with. "seed" fills a data directory with varied tokens for experiments, or for the scripts in
// the folder lifecycle. Anything else measures; see Choice.Usage.
switch (args)
{
    case ["serve", "bare", var address]:
        await BareServer.RunAsync(address);
        return 0;
    case ["serve", "upstream", var address]:
        await BareServer.RunUpstreamAsync(address);
        return 0;
    case ["serve", "yarp", var address, var upstream]:
        await BareYarp.RunAsync(address, upstream);
        return 0;
    case ["seed", "lifecycle", var dataDirectory, var tokens, var webhook]:
        await LifecycleSeed.CreateAsync(AppContext.BaseDirectory, dataDirectory, int.Parse(tokens, CultureInfo.InvariantCulture), webhook);
        return 0;
    case ["seed", var dataDirectory, var tokens]:
        await Seed.CreateAsync(AppContext.BaseDirectory, dataDirectory, int.Parse(tokens, CultureInfo.InvariantCulture), varied: true);
        return 0;
}

if (Choice.Parse(args) is not { } choice)
{
    await Console.Error.WriteLineAsync(Choice.Usage);
    return 2;
}

try
{
    await Bench.RunAsync(choice);
    return 0;
}
catch (BenchException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
