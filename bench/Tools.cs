using Portal.Bench.Parts;

namespace Portal.Bench;

/// <summary>Finds programs of the system.</summary>
internal static class Tools
{
    private const string Wrk = "wrk";

    /// <summary>Folders of administrators' programs, which may not be in the path.</summary>
    private static readonly string[] AlsoIn = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <exception cref="BenchException">A program is missing.</exception>
    public static void Require(IEnumerable<IPart> parts)
    {
        string[] missing = [.. parts.SelectMany(part => part.Tools).Prepend(Wrk).Distinct().Where(tool => Find(tool) is null)];
        if (missing.Length > 0)
            throw new BenchException($"Missing: {string.Join(", ", missing)}. On Debian and Ubuntu: apt-get install -y wrk nginx-light chromium");
    }

    /// <summary>Null if it isn't installed.</summary>
    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(AlsoIn)
            .Select(folder => Path.Combine(folder, tool))
            .FirstOrDefault(File.Exists);
}
