using System.Reflection;
using Microsoft.AspNetCore.Components;
using Portal.Data;

namespace Portal.Tests.Components;

public sealed class QueryParametersTests
{
    /// <summary>Blazor fails if a component that takes a parameter from the query is added while the address changes.</summary>
    [Fact]
    public void ParametersFromTheQuery_OnlyPagesHaveThem()
    {
        var others =
            from type in typeof(PortalDbContext).Assembly.GetTypes()
            where type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Any(property => property.IsDefined(typeof(SupplyParameterFromQueryAttribute)))
            where !type.IsDefined(typeof(RouteAttribute))
            select type.Name;

        Assert.Empty(others);
    }
}
