using Microsoft.Extensions.Configuration;
using Portal.Data;
using Portal.Secrets;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>Connection strings are checked before anything uses them.</summary>
public sealed class PostgresSettingsTests
{
    private const string Secret = "S3cretPw-zebra", Valid = "Host=db.example.com;Database=portal;Username=portal;Password=" + Secret;

    [Theory]
    [InlineData("Host=h;Username=u;Password=ab;S3cretPw-zebra=q1")]
    [InlineData("Host=h;Password='S3cretPw-zebra")]
    [InlineData("postgres://u:S3cretPw-zebra@h/db")]
    [InlineData("foo")]
    [InlineData("Port=abc")]
    [InlineData("Host=h;Port=0")]
    [InlineData("Host=h;Port=99999")]
    [InlineData("Host=a:5432,b:99999")]
    [InlineData("Host=a:abc,b")]
    [InlineData("Host=h;Timeout=-1")]
    [InlineData("Host=h;SSL Mode=banana")]
    [InlineData("Host=h;Target Session Attributes=banana")]
    [InlineData("Host=h;Target Session Attributes=primary")] // The provider wants several hosts for it.
    [InlineData("Host=h;Minimum Pool Size=5;Maximum Pool Size=2")]
    [InlineData("Username=u")]
    [InlineData("Host=,")]
    public void Load_MalformedConnectionString_NamesTheSettingAndNeverTheValue(string connectionString)
    {
        var primary = Refuse((DatabaseChoice.ConnectionStringSetting, connectionString));
        Assert.StartsWith("The connection string in Portal:ConnectionString has an unknown form. Write it like Host=", primary, StringComparison.Ordinal);
        Assert.DoesNotContain("zebra", primary, StringComparison.OrdinalIgnoreCase);

        var replica = Refuse((DatabaseChoice.ConnectionStringSetting, Valid), (DatabaseChoice.ReplicaSetting, connectionString));
        Assert.StartsWith("The connection string in Portal:ReplicaConnectionString has an unknown form.", replica, StringComparison.Ordinal);
        Assert.DoesNotContain("zebra", replica, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(Valid)]
    [InlineData("Host=a,b:5433;Target Session Attributes=primary")]
    [InlineData("Host=/run/postgresql")]
    [InlineData("Host=[::1]:5433;Maximum Pool Size=200;Minimum Pool Size=20")]
    public void Load_OtherConnectionStrings_AreKeptAsTheyAre(string connectionString)
    {
        var choice = Load((DatabaseChoice.ConnectionStringSetting, connectionString), (DatabaseChoice.ReplicaSetting, connectionString));
        Assert.Equal((connectionString, connectionString), (choice.ConnectionString, choice.ReplicaConnectionString));
    }

    [Fact]
    public async Task Start_MalformedFile_NamesItsSettingInOneLine()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "connection");
        await File.WriteAllTextAsync(file, "Host=h;Username=u;Password=ab;S3cretPw-zebra=q1", TestContext.Current.CancellationToken);

        var (exitCode, errors) = await ProgramRun.RunToEndAsync(Path.Combine(folder.Path, "data"), "--Portal:Database=Postgres", $"--Portal:ConnectionStringFile={file}");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The connection string in Portal:ConnectionStringFile has an unknown form.", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("zebra", errors, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("Oracle")]
    public void Load_UnknownDatabase_SaysWhichThereAre(string kind) =>
        Assert.Equal($"Portal:Database is {kind}. Set it to Sqlite or Postgres.", Refuse((DatabaseChoice.KindSetting, kind)));

    private static string Refuse(params (string Name, string Value)[] settings) => Assert.Throws<SecretException>(() => Load(settings)).Message;

    private static DatabaseChoice Load(params (string Name, string Value)[] settings) => DatabaseChoice.Load(new ConfigurationBuilder()
        .AddInMemoryCollection([new(DatabaseChoice.KindSetting, "Postgres")])
        .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)))
        .Build());
}
