using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using MailServer.Domain.Health;
using MailServer.Domain.Measurements;
using MailServer.Hosting;
using MailServer.Storage.SafeFiles;
using Serilog;
using Serilog.Core;

namespace MailServer.Tests.Hosting;

/// <summary>Logging never blocks the caller, whatever the reader or the disk does; dropped lines are counted, and problems are reported.</summary>
public sealed class LogWriterTests : IDisposable
{
    private const int Room = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("log-").FullName;
    private readonly List<string> _said = [];
    private readonly NodeProblems _problems = new();

    private string At => Path.Combine(_folder, "mail.log");

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
            foreach (var d in Directory.GetDirectories(_folder)) File.SetUnixFileMode(d, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_blocked_reader_delays_neither_loggers_nor_shutdown_and_later_gets_the_number_of_dropped_lines()
    {
        var gate = new BlockedDestination();
        using var writer = Writer(gate);
        using (var log = To(writer))
        {
            for (var i = 0; i < 20_000; i++) log.Information("ordinary {Number}", i);
            Assert.Contains("nothing reads the log", Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
            for (var i = 0; i < 300; i++) log.ForContext(Constants.SourceContextPropertyName, "MailServer.Actors.Access.SignInGate").Warning("sign-in {Number} failed", i);
            gate.Open();
            Until(() => _problems.Current.Count == 0);
            log.Information("after");
            Until(() => gate.Lines.Any(static l => l.EndsWith("after", StringComparison.Ordinal)));
        }

        var lines = gate.Lines;
        var counted = lines.Where(static l => l.Contains(" dropped: ", StringComparison.Ordinal)).Sum(static l => int.Parse(l.Split("WRN ")[1].Split(' ')[0], CultureInfo.InvariantCulture));
        Assert.Equal(20_000, counted + lines.Count(static l => l.Contains("ordinary", StringComparison.Ordinal)));
        Assert.InRange(counted, 15_000, 19_990);
        Assert.Equal(300, lines.Count(static l => l.Contains("sign-in", StringComparison.Ordinal)));
        Assert.Contains("again", _said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Dropped_lines_of_each_kind_are_counted_in_the_metrics()
    {
        var counted = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listening) =>
        {
            if (ReferenceEquals(instrument, ServerMetrics.DroppedLogLines)) listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted.AddOrUpdate((string)tags[0].Value!, value, (_, sum) => sum + value));
        listener.Start();
        var queue = new LogQueue(most: 100, reserve: 100, static (_, _) => []);
        for (var i = 0; i < 30; i++) queue.TryAdd(new byte[10], isSecurity: false);
        for (var i = 0; i < 15; i++) queue.TryAdd(new byte[10], isSecurity: true);
        // Other tests drop lines at the same time.
        Assert.True(counted["ordinary"] >= 20 && counted["security"] >= 5, string.Join(' ', counted));
        Assert.Equal(25, queue.Dropped);
    }

    [Fact]
    public void Security_lines_beyond_their_reserve_are_dropped_and_counted_separately()
    {
        var gate = new BlockedDestination();
        using var writer = Writer(gate, reserve: 16 * 1024);
        using (var log = To(writer))
        {
            for (var i = 0; i < 5_000; i++) log.ForContext(Constants.SourceContextPropertyName, "MailServer.Actors.Access.BanList").Warning("ban {Number}", i);
            gate.Open();
            Until(() => _problems.Current.Count == 0);
        }

        var told = Assert.Single(gate.Lines, static l => l.Contains("dropped", StringComparison.Ordinal));
        var written = gate.Lines.Count(static l => l.Contains("ban ", StringComparison.Ordinal));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{5_000 - written} about sign-ins and bans"), told, StringComparison.Ordinal);
        Assert.InRange(written, 100, 4_900);
    }

    [Fact]
    public void A_blocked_pipe_does_not_delay_the_shutdown()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        using var end = pipe.ClientSafePipeHandle;
        var watch = Stopwatch.StartNew();
        using (var writer = Writer(new LogStream("stdout", AppendOnlyFile.Standard((int)end.DangerousGetHandle()))))
        using (var log = To(writer))
            for (var i = 0; i < 20_000; i++) log.Information("line {Number}", i);
        Assert.True(watch.Elapsed < Patience);
        var buffer = new byte[100];
        Assert.Equal(100, pipe.Read(buffer));
    }

    [Fact]
    public void Queued_lines_are_written_when_the_server_stops()
    {
        using (var writer = Writer(new LogFile(At, null, 1, TimeProvider.System)))
        using (var log = To(writer))
            for (var i = 0; i < 500; i++) log.Information("line {Number}", i);
        Assert.Equal(Enumerable.Range(0, 500).Select(static i => "line " + i.ToString(CultureInfo.InvariantCulture)), File.ReadLines(At).Select(static l => l.Split("INF ")[1]));
    }

    [Fact]
    public void A_full_disk_is_a_problem_until_writing_succeeds_and_no_line_is_lost_or_broken()
    {
        var disk = new FullDiskDestination();
        using (var writer = Writer(disk))
        using (var log = To(writer))
        {
            for (var i = 0; i < 100; i++) log.Information("line {Number}", i);
            Until(() => _problems.Current.Count == 1);
            Assert.Contains("No space left", _problems.Current[0].Text, StringComparison.Ordinal);
            Assert.Contains("No space left", Assert.Single(_said), StringComparison.Ordinal);
            disk.IsFull = false;
            Until(() => _problems.Current.Count == 0);
        }

        Assert.Equal(100, disk.Lines);
    }

    [Theory]
    [InlineData("its folder cannot be made")]
    [InlineData("it is a folder")]
    [InlineData("nobody reads the FIFO")]
    public void A_file_that_cannot_be_opened_is_a_problem_until_it_opens(string fault)
    {
        var path = Path.Combine(_folder, "logs", "mail.log");
        if (fault == "its folder cannot be made") File.WriteAllText(Path.Combine(_folder, "logs"), "a file");
        else if (fault == "it is a folder") Directory.CreateDirectory(path);
        else Fifo(path);
        using (var writer = Writer(new LogFile(path, null, 1, TimeProvider.System)))
        using (var log = To(writer))
        {
            log.Information("first");
            Until(() => _problems.Current.Count == 1);
            Assert.Contains($"cannot be written to {path}: ", _problems.Current[0].Text, StringComparison.Ordinal);
            if (fault == "it is a folder") Directory.Delete(path);
            else if (fault == "nobody reads the FIFO") File.Delete(path);
            else File.Delete(Path.Combine(_folder, "logs"));
            writer.Reopen();
            Until(() => _problems.Current.Count == 0);
        }

        Assert.Contains("first", Assert.Single(File.ReadAllLines(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_reported_before_the_list_exists_are_added_to_it()
    {
        var health = new LogHealth("stdout", _said.Add);
        health.ReportFailure("broken pipe");
        health.ReportTo(_problems);
        Assert.Contains("broken pipe", Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
    }

    private static void Fifo(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var made = Process.Start("mkfifo", [path]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }

    private static Logger To(LogWriter writer) => new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(writer).CreateLogger();

    private static void Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, "did not happen in time");
            Thread.Yield();
        }
    }

    private LogWriter Writer(ILogDestination destination, int reserve = Room)
    {
        var health = new LogHealth(destination.Name, text =>
        {
            lock (_said) _said.Add(text);
        });
        health.ReportTo(_problems);
        return new LogWriter(destination, new TextLogFormatter(), health, TimeProvider.System, Room, reserve);
    }

    /// <summary>A destination that blocks until it is released.</summary>
    private sealed class BlockedDestination : ILogDestination
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly List<string> _lines = [];

        public string Name => "stdout";

        public string? Problem => null;

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public void Open() => _open.Set();

        public bool TryWrite(ReadOnlySpan<byte> line, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Exception? failure)
        {
            failure = null;
            _open.Wait();
            lock (_lines) _lines.Add(Encoding.UTF8.GetString(line).TrimEnd('\n'));
            return true;
        }

        public void Reopen()
        {
        }

        public void Dispose() => _open.Dispose();
    }

    private sealed class FullDiskDestination : ILogDestination
    {
        public volatile bool IsFull = true;

        public string Name => "/full/mail.log";

        public string? Problem => null;

        public int Lines { get; private set; }

        public bool TryWrite(ReadOnlySpan<byte> line, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Exception? failure)
        {
            failure = IsFull ? new IOException("No space left on device") : null;
            if (failure is null) Lines++;
            return failure is null;
        }

        public void Reopen()
        {
        }

        public void Dispose()
        {
        }
    }
}
