using System.Diagnostics;
using System.Reflection;
using Mono.Cecil;

namespace Portal.Tests.Support;

/// <summary>Keeps the quick subset of the tests quick.</summary>
public sealed class SlowAttributeTests
{
    private static readonly Assembly Tests = typeof(SlowAttributeTests).Assembly;

    [Fact]
    public void TestClasses_ThatStartAProcess_AreSlow()
    {
        var starters = Starters();
        var slow = Tests.GetTypes().Where(IsSlow).Select(type => type.FullName!).ToHashSet(StringComparer.Ordinal);
        var classes = Tests.GetTypes()
            .Where(type => !type.IsAbstract && type.GetMethods().Any(method => method.IsDefined(typeof(FactAttribute), inherit: true)))
            .Select(type => type.FullName!);

        // By name: a reference would make this class one of them.
        string[] certain = ["Portal.Tests.Support.PortalProcessTests", "Portal.Tests.Browser.ThemeTests", "Portal.Tests.Hosting.DemoTests"];
        Assert.All(certain, name => Assert.Contains(name, starters));
        Assert.All(certain, name => Assert.Contains(name, slow));
        var missing = classes.Where(name => starters.Contains(name) && !slow.Contains(name)).Order().ToList();
        Assert.True(missing.Count == 0, "These classes start a process, a browser or a proxy. Mark them with [Slow]:\n" + string.Join('\n', missing));
    }

    /// <summary>Finds the types of this assembly that start a process, or use a type that does.</summary>
    private static HashSet<string> Starters()
    {
        using var module = ModuleDefinition.ReadModule(Tests.Location);
        var uses = module.GetTypes().GroupBy(OutermostName, Used, StringComparer.Ordinal)
            .ToDictionary(type => type.Key, type => type.SelectMany(names => names).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        // It starts a server only in runs on PostgreSQL.
        uses.Remove("Portal.Tests.Support.ReusedDatabases");
        HashSet<string> starters = [StartOfProcess];
        int before;
        do
        {
            before = starters.Count;
            starters.UnionWith(uses.Where(type => type.Value.Overlaps(starters)).Select(type => type.Key));
        }
        while (starters.Count > before);
        return starters;
    }

    private static string StartOfProcess => $"{typeof(Process).FullName}::{nameof(Process.Start)}";

    /// <summary>Finds the types that a type uses, and whether it starts a process.</summary>
    private static IEnumerable<string> Used(TypeDefinition type)
    {
        var operands = type.Methods.Where(method => method.HasBody).SelectMany(method => method.Body.Instructions).Select(instruction => instruction.Operand).ToList();
        var types = type.Fields.Select(field => field.FieldType)
            .Concat(type.Interfaces.Select(implemented => implemented.InterfaceType))
            .Concat(type.Methods.SelectMany(method => method.Parameters).Select(parameter => parameter.ParameterType))
            .Concat(operands.Select(operand => operand as TypeReference ?? (operand as MemberReference)?.DeclaringType))
            .Concat(operands.OfType<GenericInstanceMethod>().SelectMany(method => method.GenericArguments))
            .Append(type.BaseType);
        return types.OfType<TypeReference>().SelectMany(Parts).Select(OutermostName)
            .Concat(operands.OfType<MethodReference>().Select(method => $"{method.DeclaringType.FullName}::{method.Name}").Where(name => name == StartOfProcess));
    }

    /// <summary>A generic type and its arguments.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference type) =>
        type is GenericInstanceType generic ? generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType) : [type];

    /// <summary>The types that the compiler generates for lambdas and asynchronous methods count as part of the outer type.</summary>
    private static string OutermostName(TypeReference type) => type.DeclaringType is null ? type.FullName : OutermostName(type.DeclaringType);

    private static bool IsSlow(Type type) => type.IsDefined(typeof(SlowAttribute), inherit: true)
        || type.GetCustomAttribute<CollectionAttribute>() is { } collection && CollectionDefinition(collection)?.IsDefined(typeof(SlowAttribute)) == true;

    private static Type? CollectionDefinition(CollectionAttribute collection) =>
        Tests.GetTypes().FirstOrDefault(type => type.GetCustomAttribute<CollectionDefinitionAttribute>()?.Name == collection.Name);
}
