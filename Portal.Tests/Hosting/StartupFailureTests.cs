using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>A failure that an operator can fix ends the program with one line of advice and no stack trace.</summary>
[Slow]
public sealed class StartupFailureTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("portal-test-").FullName;

    private string Database => Path.Combine(_directory, "portal.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("Catalog:Modules:19:Id \"MD-0002\" is a duplicate", "Catalog:Modules:19:Id=MD-0002", "Catalog:Modules:19:Name=Twin", "Catalog:Modules:19:Paths:0=/twin")]
    [InlineData("\"/billing\" overlaps with Catalog:Modules:0:Paths:1 \"/billing/x\"", "Catalog:Modules:0:Paths:1=/billing/x")]
    [InlineData("Catalog:Extensions:1:Modules:0 \"MD-9999\" is not a module", "Catalog:Extensions:1:Modules:0=MD-9999")]
    [InlineData("Catalog:Extensions:0:Permissions' to type 'Portal.Catalog.PermissionRule'. It can be Ask or All or Fixed.", "Catalog:Extensions:0:Permissions=Some")]
    [InlineData("invalid: Tokens:ExpiringWithinDays must be 1 to 366 days. Correct it", "Tokens:ExpiringWithinDays=0")]
    [InlineData("value 'abc' at 'Tokens:ExpiringWithinDays'", "Tokens:ExpiringWithinDays=abc")]
    [InlineData("value 'Sometimes' at 'Tokens:Reveal' to type 'Portal.Tokens.RevealPolicy'. It can be Always or Once.", "Tokens:Reveal=Sometimes")]
    [InlineData("Tokens:Reveal must be Always or Once.", "Tokens:Reveal=7")]
    [InlineData("invalid: Tokens:RateLimit must be a limit like \"100 per minute\"", "Tokens:RateLimit=100")]
    [InlineData("invalid: Tokens:FailedVerifications must be a limit like \"300 per minute\"", "Tokens:FailedVerifications=0 per minute")]
    [InlineData("There is no setting 'Server' in LimitStore.", "Portal:RateLimits:Server=redis")]
    [InlineData("invalid: Statistics:RetentionDays must be 31 to 3660 days.", "Statistics:RetentionDays=30")]
    [InlineData("There is no setting 'Failures' in SignIn.", "SignIn:Failures=5")]
    [InlineData("There is no setting 'Most' in ConnectionLimits.", "Portal:Connections:Most=5")]
    [InlineData("There is no setting 'Most' in CircuitLimits.", "Portal:Circuits:Most=5")]
    [InlineData("There is no setting 'Retention' in Statistics.", "Statistics:Retention=300")]
    [InlineData("There is no setting 'ExpiringDays' in Token.", "Tokens:ExpiringDays=7")]
    [InlineData("There is no setting 'Path' in Module.", "Catalog:Modules:0:Path=/x")]
    [InlineData("There is no setting 'Destination' in Upstream.", "Catalog:Modules:0:Upstream:Destination=http://x")]
    [InlineData("Catalog:Modules:0:Upstream:LoadBalancing' to type 'Portal.Catalog.LoadBalancing'. It can be PowerOfTwoChoices or", "Catalog:Modules:0:Upstream:LoadBalancing=Best")]
    [InlineData("invalid: Catalog:Modules:0:Upstream:Destinations:0 must be an absolute http or https address", "Catalog:Modules:0:Upstream:Destinations:0=x")]
    [InlineData("Tokens:ExpirationPresets:0 \"soon\" must read like", "Tokens:ExpirationPresets:0=soon")]
    [InlineData("Portal:TrustedProxies:0 \"10.0.0.7/24\" must be an address, like 10.0.0.7, or a network, like 10.0.0.0/24.", "Portal:TrustedProxies:0=10.0.0.7/24")]
    [InlineData("Portal:TrustedProxies:1 \"proxy\" must be an address", "Portal:TrustedProxies:0=10.0.0.7", "Portal:TrustedProxies:1=proxy")]
    [InlineData("Portal:TrustedProxies must be a list: name its first entry Portal:TrustedProxies:0.", "Portal:TrustedProxies=10.0.0.7")]
    [InlineData("Portal:TrustedProxies:0 \"0.0.0.0/0\" is so wide that it includes clients", "Portal:TrustedProxies:0=0.0.0.0/0")]
    [InlineData("AllowedHosts \"https://portal.example.com\" must be *, a host name", "AllowedHosts=portal.example.com;https://portal.example.com")]
    [InlineData("Telemetry:Prometheus:AllowedFrom:0 \"::/0\" exposes the metrics to everyone.", "Telemetry:Prometheus:AllowedFrom:0=::/0")]
    [InlineData("invalid: Telemetry:Otlp:Endpoint must be an absolute http or https address", "Telemetry:Otlp:Endpoint=collector:4317")]
    [InlineData("invalid: Telemetry:Otlp:Endpoint must be an absolute http or https address", "Telemetry:Otlp:Endpoint=http://user:word@collector")]
    [InlineData("Telemetry:Otlp:Protocol' to type 'Portal.Hosting.OtlpProtocol'. It can be Grpc or HttpProtobuf.", "Telemetry:Otlp:Protocol=Json")]
    [InlineData("invalid: Telemetry:Otlp:Protocol must be Grpc or HttpProtobuf.", "Telemetry:Otlp:Protocol=7")]
    [InlineData("invalid: Telemetry:Otlp:Headers must have the format name=value,name=value. Correct it", "Telemetry:Otlp:Headers=secret")]
    [InlineData("There is no setting 'Endpont' in Otlp.", "Telemetry:Otlp:Endpont=http://collector:4317")]
    [InlineData("Telemetry:Logs' to type 'Portal.Hosting.LogFormat'. It can be Text or Json.", "Telemetry:Logs=Xml")]
    [InlineData("invalid: Telemetry:Logs must be Text or Json.", "Telemetry:Logs=7")]
    [InlineData("value 'maybe' at 'Telemetry:Prometheus:Enabled'", "Telemetry:Prometheus:Enabled=maybe")]
    [InlineData("Telemetry:Prometheus:AllowedFrom:0 \"monitor\" must be an address", "Telemetry:Prometheus:AllowedFrom:0=monitor")]
    [InlineData("It must be a list: name its first entry Telemetry:Prometheus:AllowedFrom:0. Correct it", "Telemetry:Prometheus:AllowedFrom=10.0.0.7")]
    [InlineData("Gateway:ForwardAuth:Askers:0 \"10.0.0.7/24\" is not the address of a proxy. No network of this size starts at", "Gateway:ForwardAuth:Askers:0=10.0.0.7/24")]
    [InlineData("Gateway:ForwardAuth:Askers:1 \"::/0\" is not the address of a proxy. It allows every address. List only your proxies.", "Gateway:ForwardAuth:Askers:0=10.0.0.7", "Gateway:ForwardAuth:Askers:1=::/0")]
    [InlineData("value '10.0.0.7' at 'Gateway:ForwardAuth:Askers' to type 'System.Collections.Generic.List", "Gateway:ForwardAuth:Askers=10.0.0.7")]
    [InlineData("Gateway:ForwardAuth:BasePath \"/public/v1/\" must be empty, or start with /", "Gateway:ForwardAuth:BasePath=/public/v1/")]
    [InlineData("There is no setting 'Asker' in ForwardAuth.", "Gateway:ForwardAuth:Asker=10.0.0.7")]
    public async Task Start_WrongConfiguration_NamesTheKeyAndLeavesTheDatabaseAlone(string expected, params string[] settings)
    {
        var (exitCode, errors) = await ProgramRun.RunToEndAsync(_directory, [.. settings.Select(setting => "--" + setting)]);

        AssertOneLine(expected, exitCode, errors.TrimEnd());
        Assert.StartsWith("The configuration is invalid: ", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
    }

    /// <summary>In a process of its own: environment variables are those of a process, and nothing else is written.</summary>
    [Theory]
    [InlineData("Tokens:ExpiringWithinDays must be 1 to 366 days.", "Tokens__ExpiringWithinDays=0", "Catalog__Extensions__1__Modules__0=MD-9999")]
    [InlineData("invalid: OTEL_EXPORTER_OTLP_ENDPOINT must be an absolute http or https address", "OTEL_EXPORTER_OTLP_ENDPOINT=collector")]
    [InlineData("lets every client choose its own address", "ASPNETCORE_FORWARDEDHEADERS_ENABLED=true")]
    public async Task Start_WrongEnvironmentVariable_NamesTheKeyAndLeavesTheDatabaseAlone(string expected, params string[] settings)
    {
        var environment = settings.Select(setting => setting.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

        var (exitCode, output) = await PortalProcess.RunToEndAsync(_directory, environment: environment);

        AssertOneLine(expected, exitCode, output);
        Assert.StartsWith("The configuration is invalid: ", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
    }

    [Fact]
    public void Describe_DatabaseServerStopsAnsweringDuringTheStart_SaysSo() => Assert.Equal(
        "Portal cannot reach its database server. Start it, or check the network, and then start Portal again.",
        StartupFailure.Describe(new NpgsqlException("Exception while reading from stream", new TimeoutException())));

    [Fact]
    public async Task Start_WithoutCultureData_SaysSoAndLeavesTheDatabaseAlone()
    {
        var (exitCode, output) = await PortalProcess.RunToEndAsync(_directory, environment: new Dictionary<string, string> { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" });

        AssertOneLine("Remove the environment variable DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, install the ICU library (libicu), and then start", exitCode, output);
        Assert.False(File.Exists(Database));
    }

    [Fact]
    public async Task Start_NotADatabase_SaysSo()
    {
        await File.WriteAllTextAsync(Database, string.Concat(Enumerable.Repeat("This is no database. ", 1000)));
        await AssertEndsAsync("is not an intact SQLite database: restore it from a backup");
    }

    [Fact]
    public async Task Start_FolderInPlaceOfTheDatabase_SaysSo()
    {
        Directory.CreateDirectory(Database);
        await AssertEndsAsync($"The database {Database} cannot be");
    }

    /// <summary>Opening a FIFO would wait for its other end forever.</summary>
    [Theory]
    [InlineData("portal.db", "Move it away and restore portal.db from a backup, then start Portal again.")]
    [InlineData("portal.db-wal", "Remove it, then start Portal again.")]
    [InlineData("portal.lock", "Remove it, then start Portal again.")]
    [InlineData("keys/key-0.xml", "Move it away and restore the file from a backup, then start Portal again.")]
    public async Task Start_FifoInPlaceOfAFile_SaysSo(string name, string remedy)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there are FIFOs told apart.");
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [path]))
            await mkfifo.WaitForExitAsync();
        await AssertEndsAsync($"{path} cannot be used, because it is not a regular file. {remedy}");
    }

    [Fact]
    public async Task Start_ReadOnlyDatabase_SaysSo()
    {
        await using (var portal = await PortalProcess.StartAsync(_directory))
            await portal.StopAsync();
        File.SetAttributes(Database, FileAttributes.ReadOnly);

        await AssertProcessEndsAsync("is read-only: give this user write access to the file and its folder", WithoutRootsPrivilege());
    }

    [Fact]
    public async Task Start_DatabaseLockedByAnotherProgram_SaysSo()
    {
        await using (var portal = await PortalProcess.StartAsync(_directory))
            await portal.StopAsync();
        await using var other = new SqliteConnection($"Data Source={Database};Pooling=False");
        await other.OpenAsync();
        await using var command = other.CreateCommand();
        command.CommandText = "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE Held (Id INTEGER)";
        await command.ExecuteNonQueryAsync();

        await AssertProcessEndsAsync("is locked by another program: stop it, then start Portal again");
    }

    [Fact]
    public async Task Start_DataDirectoryInUse_SaysSo()
    {
        await using var first = await PortalProcess.StartAsync(_directory);
        await AssertEndsAsync($"The data directory {_directory} is in use by another instance of Portal: stop it, or set Portal:DataDirectory");
    }

    [Fact]
    public async Task Start_DataDirectoryThatIsAFile_SaysSo()
    {
        var file = Path.Combine(_directory, "file");
        await File.WriteAllTextAsync(file, "");
        var (exitCode, errors) = await ProgramRun.RunToEndAsync(file);
        AssertOneLine("set Portal:DataDirectory to a folder", exitCode, errors.TrimEnd());
    }

    [Fact]
    public async Task Start_PortInUse_SaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await AssertEndsAsync("address already in use. Stop the program that uses this address, or choose another address, for example --urls", "--urls", $"http://{listener.LocalEndpoint}");
    }

    [Theory]
    [InlineData("Invalid url: 'nonsense'. Set --urls to an address such as", "nonsense")]
    [InlineData("Choose an address of this machine, for example --urls", "http://192.0.2.1:5080")] // an address kept for documentation
    public async Task Start_WrongAddress_SaysSo(string expected, string urls) => await AssertEndsAsync(expected, "--urls", urls, "--Portal:AllowInsecureHttp=true");

    [Fact]
    public void Describe_BrokenSettingsFile_NamesFileAndPlaceInOneLine()
    {
        var advice = StartupFailure.Describe(new InvalidDataException(
            "Failed to load configuration from file '/app/appsettings.json'.", new FormatException("Could not parse the JSON file.", new InvalidOperationException("line 3\nposition 7"))));
        Assert.Contains("/app/appsettings.json", advice, StringComparison.Ordinal);
        Assert.Contains("line 3 position 7.", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_AFaultOfPortalsOwn_IsLeftToBeSeenWhole()
    {
        Assert.Null(StartupFailure.Describe(new InvalidOperationException("a bug", new FormatException())));
        Assert.Null(StartupFailure.Describe(new FormatException("a bug")));
        Assert.Null(StartupFailure.Describe(new AggregateException(new InvalidOperationException("a bug"))));
        Assert.NotNull(StartupFailure.Describe(new AggregateException(new OptionsValidationException("", typeof(object), ["A:B must be 1."]))));
    }

    private async Task AssertEndsAsync(string expected, params string[] args)
    {
        var (exitCode, errors) = await ProgramRun.RunToEndAsync(_directory, args);
        AssertOneLine(expected, exitCode, errors.TrimEnd());
    }

    private async Task AssertProcessEndsAsync(string expected, string[]? launcher = null)
    {
        var (exitCode, output) = await PortalProcess.RunToEndAsync(_directory, launcher: launcher);
        AssertOneLine(expected, exitCode, output);
    }

    /// <summary>Asserts that there is one line besides the log (two lines per entry, the second one indented).</summary>
    private static void AssertOneLine(string expected, int exitCode, string output)
    {
        Assert.Equal(1, exitCode);
        var lines = output.Split('\n').Where(line => !line.StartsWith("info: ", StringComparison.Ordinal) && !line.StartsWith("warn: ", StringComparison.Ordinal)
            && !line.StartsWith("      ", StringComparison.Ordinal)).ToList();
        Assert.Contains(expected, Assert.Single(lines), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
    }

    /// <summary>Root can write to read-only files, unless it drops that privilege.</summary>
    private static string[] WithoutRootsPrivilege()
    {
        if (Environment.UserName != "root")
            return [];
        if (!File.Exists("/usr/bin/setpriv"))
            Assert.Skip("Run by root, and there is no setpriv to give up its privilege with.");
        return ["/usr/bin/setpriv", "--bounding-set=-dac_override"];
    }
}
