using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Delivery;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>The options that select queued messages. A message must match all that are given.</summary>
internal sealed class QueueSelection
{
    private readonly Option<string> _to = new("--to") { Description = "Only mail to this recipient; * matches any text.", HelpName = "ADDRESS" };
    private readonly Option<string> _from = new("--from") { Description = "Only mail from this sender; * matches any text, '<>' matches bounces.", HelpName = "ADDRESS" };
    private readonly Option<string> _domain = new("--domain") { Description = "Only mail to recipients in this domain.", HelpName = "DOMAIN" };
    private readonly Option<string> _older = new("--older") { Description = "Only mail queued for longer than 30m, 2h, 3d, …", HelpName = "TIME" };
    private readonly Option<string> _reason = new("--reason") { Description = "Only mail whose last reply contains this text.", HelpName = "TEXT" };

    public IEnumerable<Symbol> Options => [_to, _from, _domain, _older, _reason];

    /// <summary>The names of the options, for error messages.</summary>
    public string Names => string.Join(", ", Options.Select(static o => o.Name));

    /// <summary>The query string of the admin API; empty when no option is given.</summary>
    public string ToQuery(CommandContext context)
    {
        TimeSpan? older = null;
        if (context.Get(_older) is { } text)
        {
            if (!ConfigurationValues.Duration.TryRead(text, out var age)) throw new CommandFailure($"--older takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
            older = age;
        }

        var filter = new QueueFilter
        {
            To = context.Get(_to),
            From = context.Get(_from),
            Domain = context.Get(_domain) is { } domain ? CommandContext.Domain(domain) : null,
            Reason = context.Get(_reason),
        };
        return QueueFilterQuery.Write(filter, older);
    }
}
