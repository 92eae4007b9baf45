namespace MailServer.Domain.Health;

/// <summary>Something on this node that an administrator must repair.</summary>
/// <param name="Subject">What is affected, unique among current problems, for example <c>index.db of user_7</c>.</param>
/// <param name="Text">What is wrong, in one sentence without a final full stop; names the file where there is one.</param>
/// <param name="Remedy">What to do about it, usually a command.</param>
/// <param name="StopsService">True when this node cannot do its work until the problem is repaired: <c>/ready</c> then answers 503.</param>
public sealed record NodeProblem(string Subject, string Text, string Remedy, bool StopsService = false)
{
    public override string ToString() => $"{Subject}: {Text}; {Remedy}";
}
