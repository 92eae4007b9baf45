namespace MailServer.Storage.Tests.Postgres;

/// <summary>A test with Debian's PostgreSQL. It is skipped by name where PostgreSQL is not installed; in CI it runs and fails instead.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (IsSkipped) Skip = PostgresServer.Missing;
    }

    public static bool IsSkipped => PostgresServer.Missing is not null && Environment.GetEnvironmentVariable("CI") != "true";
}
