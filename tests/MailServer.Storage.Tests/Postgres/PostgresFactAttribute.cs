namespace MailServer.Storage.Tests.Postgres;

/// <summary>A test with Debian's PostgreSQL. Where it is not installed the test is skipped by name; in CI it runs and fails instead.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (IsSkipped) Skip = PostgresServer.Missing;
    }

    public static bool IsSkipped => PostgresServer.Missing is not null && Environment.GetEnvironmentVariable("CI") != "true";
}
