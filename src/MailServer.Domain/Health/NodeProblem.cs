namespace MailServer.Domain.Health;

/// <summary>A problem on this node that an administrator must fix.</summary>
/// <param name="Subject">The affected item, unique among current problems, for example <c>index.db of user_7</c>.</param>
/// <param name="Text">Description in one sentence without a full stop at the end; names the file concerned.</param>
/// <param name="Remedy">How to fix it, usually a command.</param>
/// <param name="StopsService">True if the node cannot provide its service until the problem is fixed; <c>/ready</c> then returns 503.</param>
public sealed record NodeProblem(string Subject, string Text, string Remedy, bool StopsService = false)
{
    public override string ToString() => $"{Subject}: {Text}; {Remedy}";
}
