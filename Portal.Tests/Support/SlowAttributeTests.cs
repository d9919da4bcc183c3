using System.Diagnostics;
using System.Reflection;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Portal.Tests.Support;

/// <summary>Keeps the quick subset of the tests quick.</summary>
public sealed class SlowAttributeTests
{
    private static readonly Assembly Tests = typeof(SlowAttributeTests).Assembly;

    [Fact]
    public void TestClasses_ThatStartAProcess_AreSlow()
    {
        var types = new ArchLoader().LoadAssembly(Tests).Build().Types.Where(type => type.FullName.StartsWith("Portal.Tests.", StringComparison.Ordinal))
            .DistinctBy(type => type.FullName).ToDictionary(type => type.FullName, StringComparer.Ordinal);
        var starters = StartersOf(types);
        var slow = Tests.GetTypes().Where(IsSlow).Select(type => type.FullName).ToHashSet();
        var classes = Tests.GetTypes().Where(type => !type.IsAbstract && type.GetMethods().Any(method => method.IsDefined(typeof(FactAttribute), inherit: true))).ToList();

        // By name: a reference would make this class one of them.
        string[] certain = ["Portal.Tests.Support.PortalProcessTests", "Portal.Tests.Browser.ThemeTests"];
        Assert.All(certain, name => Assert.Contains(name, starters));
        Assert.All(certain, name => Assert.Contains(name, slow));
        var missing = classes.Select(type => type.FullName!).Where(name => starters.Contains(name) && !slow.Contains(name)).Order();
        Assert.True(!missing.Any(), "These classes start a process, a browser or a proxy. Mark them with [Slow]:\n" + string.Join('\n', missing));
    }

    /// <summary>The types that start a process, or use a type that does.</summary>
    private static HashSet<string> StartersOf(Dictionary<string, IType> types)
    {
        var starters = types.Values.Where(StartsProcess).Select(type => type.FullName).ToHashSet(StringComparer.Ordinal);
        int before;
        do
        {
            before = starters.Count;
            starters.UnionWith(types.Values.Where(type => type.Dependencies.Any(dependency => starters.Contains(dependency.Target.FullName))).Select(type => type.FullName));
        }
        while (starters.Count > before);
        return starters;
    }

    private static bool StartsProcess(IType type) => type.Dependencies.OfType<MethodCallDependency>().Any(call =>
        call.Target.FullName == typeof(Process).FullName && call.TargetMember.Name.StartsWith(nameof(Process.Start) + "(", StringComparison.Ordinal));

    private static bool IsSlow(System.Type type) => type.IsDefined(typeof(SlowAttribute), inherit: true)
        || type.GetCustomAttribute<CollectionAttribute>() is { } collection && CollectionDefinition(collection)?.IsDefined(typeof(SlowAttribute)) == true;

    private static System.Type? CollectionDefinition(CollectionAttribute collection) =>
        Tests.GetTypes().FirstOrDefault(type => type.GetCustomAttribute<CollectionDefinitionAttribute>()?.Name == collection.Name);
}
