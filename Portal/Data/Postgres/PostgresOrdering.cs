using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Query.Internal;

// The provider's own option writes NULLS FIRST for every column.
#pragma warning disable EF1001

namespace Portal.Data.Postgres;

/// <summary>Orders as SQLite does: no value is before every value. Only columns that can be without a value say so: PostgreSQL would otherwise not read a
/// primary key in its order.</summary>
internal sealed class PostgresOrdering(QuerySqlGeneratorDependencies dependencies, IRelationalTypeMappingSource types, INpgsqlSingletonOptions options) : IQuerySqlGeneratorFactory
{
    public QuerySqlGenerator Create() => new Generator(dependencies, types, options.PostgresVersion);

    private sealed class Generator(QuerySqlGeneratorDependencies dependencies, IRelationalTypeMappingSource types, Version version)
        : NpgsqlQuerySqlGenerator(dependencies, types, reverseNullOrderingEnabled: false, version)
    {
        protected override System.Linq.Expressions.Expression VisitOrdering(OrderingExpression orderingExpression)
        {
            var visited = base.VisitOrdering(orderingExpression);
            if (!IsAlwaysThere(orderingExpression.Expression))
                Sql.Append(orderingExpression.IsAscending ? " NULLS FIRST" : " NULLS LAST");
            return visited;
        }

        private static bool IsAlwaysThere(SqlExpression expression) => expression is ColumnExpression { IsNullable: false }
            or SqlUnaryExpression { OperatorType: System.Linq.Expressions.ExpressionType.Equal or System.Linq.Expressions.ExpressionType.NotEqual };
    }
}
