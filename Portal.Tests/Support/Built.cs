using System.Reflection;

namespace Portal.Tests.Support;

/// <summary>The paths of the build's output.</summary>
internal static class Built
{
    public static string PortalProgram { get; } = Path.GetFullPath(Metadata("PortalProgram"));
    public static string SourceRoot { get; } = Path.GetFullPath(Metadata("SourceRoot"));

    private static string Metadata(string key) =>
        typeof(Built).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
