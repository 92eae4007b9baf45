namespace MailServer.Storage.Tests.Postgres;

/// <summary>A theory that needs Debian's PostgreSQL; otherwise like <see cref="PostgresFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute()
    {
        if (PostgresFactAttribute.IsSkipped) Skip = PostgresServer.Missing;
    }
}
