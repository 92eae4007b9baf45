using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailServer.Tests.Web;

/// <summary>Request bodies need memory for what has arrived, never more than all requests may have together, and give it back whatever happens.</summary>
public sealed class RequestBodiesTests
{
    private const int Buffer = 64 * 1024;

    private static readonly Limits Small = new()
    {
        RequestBodyBuffer = Buffer,
        RequestBodyBuffers = 2 * Buffer,
        RequestBodyMemory = 1024 * 1024,
        RequestBodyFiles = 8,
        RequestBodyWait = TimeSpan.FromMilliseconds(200),
    };

    private int _files;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(Buffer, 0)]
    [InlineData(Buffer + 1, 1)]
    [InlineData(1024 * 1024, 1)]
    [InlineData(3 * 1024 * 1024, 1)]
    public async Task A_body_arrives_unchanged_in_memory_or_in_a_file(int size, int files)
    {
        var bodies = Bodies();
        var octets = new byte[size];
        new Random(1).NextBytes(octets);
        using var request = new Exchange(bodies, new MemoryStream(octets));
        Assert.Equal(octets, await bodies.ReadAsync(request.Http, 4 * 1024 * 1024));
        Assert.Equal(files, _files);
        Assert.Equal(size == 0, bodies.IsIdle);
        request.End();
        Assert.True(bodies.IsIdle);
    }

    [Fact]
    public async Task Nothing_is_allocated_for_octets_that_were_only_announced()
    {
        var bodies = Bodies(Small with { RequestBodyFiles = 400 });
        var waiting = new List<(Exchange Exchange, Task<byte[]> Body)>();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < 60; i++)
        {
            var request = new Exchange(bodies, new PausedStream(10));
            request.Http.Request.ContentLength = 95 * 1024 * 1024;
            waiting.Add((request, bodies.ReadAsync(request.Http, 100 * 1024 * 1024)));
        }

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 8 * 1024 * 1024);
        foreach (var (request, body) in waiting)
        {
            Assert.False(body.IsCompleted);
            request.Abort();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => body);
            request.End();
            request.Dispose();
        }

        Assert.True(bodies.IsIdle);
    }

    [Fact]
    public async Task A_larger_body_is_refused_before_it_is_read_or_when_it_has_become_too_large()
    {
        var bodies = Bodies();
        using var announced = new Exchange(bodies, new PausedStream(0));
        announced.Http.Request.ContentLength = 101;
        Assert.Equal(413, await StatusAsync(bodies.ReadAsync(announced.Http, 100)));
        using var silent = new Exchange(bodies, new MemoryStream(new byte[101]));
        Assert.Equal(413, await StatusAsync(bodies.ReadAsync(silent.Http, 100)));
        silent.End();
        Assert.True(bodies.IsIdle);
    }

    [Fact]
    public async Task Small_bodies_that_find_no_memory_arrive_in_files_and_then_get_503()
    {
        var bodies = Bodies();
        var open = new List<Exchange>();
        // Two fill the memory and two the share of the files.
        for (var i = 0; i < 4; i++)
        {
            open.Add(new Exchange(bodies, new PausedStream(Buffer)));
            var reading = bodies.ReadAsync(open[^1].Http, Buffer + 1);
            await Task.Delay(20);
            Assert.False(reading.IsCompleted);
        }

        Assert.Equal(2, _files);
        using var next = new Exchange(bodies, new PausedStream(Buffer));
        Assert.Equal(503, await StatusAsync(bodies.ReadAsync(next.Http, Buffer + 1)));
        next.End();
        // That was the share of one client. Others have theirs, and all together eight.
        for (var i = 0; i < 7; i++)
        {
            open.Add(new Exchange(bodies, new PausedStream(Buffer)));
            open[^1].Http.SetUser(EmailAddress.Parse($"user{i / 2}@example.org"));
            var reading = bodies.ReadAsync(open[^1].Http, Buffer + 1);
            await Task.Delay(20);
            if (i < 6) Assert.False(reading.IsCompleted);
            else Assert.Equal(503, await StatusAsync(reading));
        }

        foreach (var exchange in open)
        {
            exchange.Abort();
            await Task.Delay(20);
            exchange.End();
            exchange.Dispose();
        }

        Assert.True(bodies.IsIdle);
    }

    [Fact]
    public async Task A_large_body_waits_for_memory_and_gets_503_if_there_is_none_in_time()
    {
        var bodies = Bodies();
        using var first = new Exchange(bodies, new MemoryStream(new byte[900_000]));
        await bodies.ReadAsync(first.Http, 1024 * 1024);
        using var late = new Exchange(bodies, new MemoryStream(new byte[900_000]));
        Assert.Equal(503, await StatusAsync(bodies.ReadAsync(late.Http, 1024 * 1024)));
        late.End();

        using var patient = new Exchange(bodies, new MemoryStream(new byte[900_000]));
        var waiting = bodies.ReadAsync(patient.Http, 1024 * 1024);
        await Task.Delay(20);
        Assert.False(waiting.IsCompleted);
        // A small body does not wait behind it.
        using var small = new Exchange(bodies, new MemoryStream(new byte[100]));
        Assert.Equal(100, (await bodies.ReadAsync(small.Http, 100, weight: 16)).Length);
        small.End();
        first.End();
        Assert.Equal(900_000, (await waiting).Length);
        patient.End();
        Assert.True(bodies.IsIdle);
    }

    [Fact]
    public async Task The_weight_of_a_body_counts()
    {
        var bodies = Bodies();
        using var first = new Exchange(bodies, new MemoryStream(new byte[100_000]));
        await bodies.ReadAsync(first.Http, 1024 * 1024, weight: 10);
        using var second = new Exchange(bodies, new MemoryStream(new byte[100_000]));
        Assert.Equal(503, await StatusAsync(bodies.ReadAsync(second.Http, 1024 * 1024, weight: 10)));
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_in_time_gets_408()
    {
        var bodies = Bodies(Small with { RequestBodyTimeout = TimeSpan.FromMilliseconds(50) });
        using var request = new Exchange(bodies, new PausedStream(10));
        Assert.Equal(408, await StatusAsync(bodies.ReadAsync(request.Http, 100)));
        request.End();
        Assert.True(bodies.IsIdle);
    }

    [Fact]
    public async Task A_full_disk_gets_507()
    {
        foreach (Func<Stream> create in (Func<Stream>[])[static () => throw new IOException("no space"), static () => throw new UnauthorizedAccessException("read-only"), static () => new FullStream()])
        {
            var bodies = new RequestBodies(Small, create, TimeProvider.System);
            using var request = new Exchange(bodies, new MemoryStream(new byte[2 * Buffer]));
            Assert.Equal(507, await StatusAsync(bodies.ReadAsync(request.Http, 4 * Buffer)));
            request.End();
            Assert.True(bodies.IsIdle);
        }
    }

    [Fact]
    public async Task A_budget_serves_those_who_wait_in_order_and_loses_nothing()
    {
        var budget = new SharedBudget(10, TimeProvider.System);
        Assert.True(budget.TryTake(8));
        var large = budget.TakeAsync(9, TimeSpan.FromMinutes(1), default);
        Assert.False(budget.TryTake(1));
        var small = budget.TakeAsync(1, TimeSpan.FromMinutes(1), default);
        Assert.False(small.IsCompleted);
        Assert.False(await budget.TakeAsync(1, TimeSpan.FromMilliseconds(20), default));
        using var cancel = new CancellationTokenSource(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => budget.TakeAsync(1, TimeSpan.FromMinutes(1), cancel.Token));
        budget.Return(8);
        Assert.True(await large);
        Assert.True(await small);
        Assert.Equal(0, budget.Left);

        // Many that come, wait, give up and return.
        budget.Return(10);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(i % 7));
            try
            {
                if (!await budget.TakeAsync(1 + (i % 10), TimeSpan.FromMilliseconds(i % 11), stop.Token)) return;
                await Task.Yield();
                budget.Return(1 + (i % 10));
            }
            catch (OperationCanceledException)
            {
                // It gave up.
            }
        })));
        Assert.Equal(10, budget.Left);
    }

    private static async Task<int> StatusAsync(Task reading) => (await Assert.ThrowsAsync<RequestBodyException>(() => reading)).StatusCode;

    private RequestBodies Bodies(Limits? limits = null) => new(
        limits ?? Small,
        () =>
        {
            _files++;
            return new MemoryStream();
        },
        TimeProvider.System);

    /// <summary>A request and what happens at its end.</summary>
    private sealed class Exchange : HttpResponseFeature, IDisposable
    {
        private readonly CancellationTokenSource _aborted = new();
        private readonly List<(Func<object, Task> Call, object State)> _atEnd = [];

        public Exchange(RequestBodies bodies, Stream body)
        {
            var features = new FeatureCollection();
            features.Set<IHttpRequestFeature>(new HttpRequestFeature());
            features.Set<IHttpResponseFeature>(this);
            Http = new DefaultHttpContext(features) { RequestAborted = _aborted.Token };
            Http.Request.Body = body;
            Http.Features.Set(bodies);
        }

        public HttpContext Http { get; }

        public override void OnCompleted(Func<object, Task> callback, object state) => _atEnd.Add((callback, state));

        public void Abort() => _aborted.Cancel();

        public void End()
        {
            foreach (var (call, state) in _atEnd) call(state).GetAwaiter().GetResult();
            _atEnd.Clear();
        }

        public void Dispose() => _aborted.Dispose();
    }

    /// <summary>Delivers some octets and then nothing.</summary>
    private sealed class PausedStream(int first) : Stream
    {
        private int _left = first;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0) await Task.Delay(Timeout.Infinite, cancellationToken);
            var count = Math.Min(_left, buffer.Length);
            _left -= count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>A file on a disk that is full.</summary>
    private sealed class FullStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("no space left on device");
    }
}
