using System.Text;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>replace</c> (RFC 5703 §5): the current part of a loop, or the whole message, gets another content.</summary>
internal sealed class ReplaceCommand(bool isMime, SieveText? subject, SieveText? from, SieveText content) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var isMime = arguments.Flag("mime");
        var (subject, from) = (arguments.TextTag("subject"), arguments.TextTag("from"));
        return new ReplaceCommand(isMime, subject, from, arguments.Text("the new content"));
    }

    public override SieveFlow Run(SieveRun run)
    {
        var text = content.Expand(run);
        run.Budget.Charge(text.Length);
        var entity = isMime ? MimeEntity.Read(text) ?? throw new SieveFaultException("the new content is no MIME entity: it needs fields such as Content-Type, and a blank line after them") : MimeEntity.OfText(text);
        if (run.Part is { } part && part != part.Message.Root) run.Change.ReplacePart(part, entity);
        else run.Change.ReplaceAll(entity, subject?.Expand(run), Author(run));
        return SieveFlow.Next;
    }

    private string? Author(SieveRun run)
    {
        if (from?.Expand(run) is not { } text) return null;
        return SieveAddress.ReadAll(Encoding.UTF8.GetBytes(text)).Count == 1 ? text : throw new SieveFaultException($"'{text}' is not an email address");
    }
}

/// <summary><c>enclose</c> (RFC 5703 §6): the message becomes an attachment of a new one. What <c>redirect</c> sends does not change.</summary>
internal sealed class EncloseCommand(SieveText? subject, IReadOnlyList<SieveText> headers, SieveText content) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var (subject, headers) = (arguments.TextTag("subject"), arguments.ListTag("headers") ?? []);
        foreach (var name in headers) HeaderName.Check(arguments, name);
        return new EncloseCommand(subject, headers, arguments.Text("the text before the message"));
    }

    public override SieveFlow Run(SieveRun run)
    {
        var text = content.Expand(run);
        run.Budget.Charge(text.Length);
        run.Change.Enclose(text, subject?.Expand(run), [.. headers.Select(name => HeaderName.Read(run, name))]);
        return SieveFlow.Next;
    }
}
