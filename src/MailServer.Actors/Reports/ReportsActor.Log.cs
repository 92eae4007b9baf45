using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

internal sealed partial class ReportsActor
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The {Kind} report about {Domain} of {Day}: {Outcome}")]
    private partial void LogSent(ReportKind kind, string domain, DateOnly day, string outcome);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored {Kind} report {Id} from {Organization} about {Domain}, received in message {Message}")]
    private partial void LogKept(SpoolId message, ReportKind kind, string organization, string domain, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Message} contains no readable report: {Reason}")]
    private partial void LogUnreadable(SpoolId message, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "reports.db cannot be written")]
    private partial void LogStoreFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Observations dropped because the buffer was full; they will be missing in the reports: {Count}")]
    private partial void LogDropped(long count);
}
