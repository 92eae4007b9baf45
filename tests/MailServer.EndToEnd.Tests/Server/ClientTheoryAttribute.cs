namespace MailServer.EndToEnd.Tests.Server;

/// <summary>The same as <see cref="ClientFactAttribute"/>, for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientTheoryAttribute : TheoryAttribute
{
    public ClientTheoryAttribute(params string[] programs)
    {
        Programs = programs;
        Skip = new ClientFactAttribute(programs).Skip;
        if (programs.Contains("mount") && !Environment.IsPrivilegedProcess && !ProjectPaths.IsCi) Skip = "needs root, for a file system of its own";
    }

    public IReadOnlyList<string> Programs { get; }
}
