using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Engine.Tests.Kestrel;
using Microsoft.Extensions.DependencyInjection;

// Eight clients predict on the loopback address; memory stays flat, each answer has the bits of one alone, and a request that its client gives up ends
// in the middle of the forward pass.
const int Clients = 8, WarmUp = 2400, Requests = 4000, Cancellations = 20, Inputs = 16;
var limit = TimeSpan.FromSeconds(60);                               // of the load; what it has done by then is what counts
int passed = 0, failed = 0;

await using var app = App.Build();
await app.StartAsync();
string address = app.Urls.Single();
using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(120) };
var digits = app.Services.GetRequiredKeyedService<Predictor>("digits");
var large = app.Services.GetRequiredKeyedService<Predictor>("large");
Console.WriteLine($"{Device.Cpu}, {Clients} clients");

byte[][] inputs = [.. Enumerable.Range(0, Inputs).Select(i => Bytes(Tensor.Uniform([1 + i % 4, 1, 28, 28], new Rng((ulong)i)).ToArray()))];
byte[][] alone = [.. inputs.Select(x => Bytes(digits.Predict(MemoryMarshal.Cast<byte, float>(x))))];

// Load.
await LoadAsync(WarmUp, CancellationToken.None);
long reserved = Device.Cpu.BytesReserved, resident = Resident();
var clock = Stopwatch.StartNew();
var (answers, wrong) = (0, 0);
for (int part = 1; part <= 4; part++)
{
    var (more, bad) = await LoadAsync(Requests / 4, CancellationToken.None);
    (answers, wrong) = (answers + more, wrong + bad);
    Console.WriteLine($"after {answers} requests: pool {Device.Cpu.BytesReserved / 1e6:F2} MB, resident {Resident() / 1e6:F1} MB");
}
double perSecond = answers / clock.Elapsed.TotalSeconds;
long grownPool = Device.Cpu.BytesReserved - reserved, grownResident = Resident() - resident;
Console.WriteLine($"{answers} requests, {perSecond:F0} a second; pool {reserved / 1e6:F2} MB {grownPool / 1e6:+0.00;-0.00} MB, resident {resident / 1e6:F1} MB {grownResident / 1e6:+0.0;-0.0} MB");
Check("every answer has the bits of one alone", answers > 0 && wrong == 0);
Check("the pool is flat", grownPool <= reserved / 10);
Check("the resident set is flat", grownResident <= resident / 10);

// Bad requests.
Check("too few numbers are refused", (await http.PostAsync("predict/digits", new ByteArrayContent(new byte[12]))).StatusCode == HttpStatusCode.BadRequest);
Check("an unknown model is refused", (await http.PostAsync("predict/none", new ByteArrayContent(new byte[12]))).StatusCode == HttpStatusCode.NotFound);

// Cancellation, first alone, then with seven clients that go on predicting.
byte[] image = Bytes(Tensor.Uniform([3, 64, 64], new Rng(99)).ToArray());
byte[] expected = await (await http.PostAsync("predict/large", new ByteArrayContent(image))).Content.ReadAsByteArrayAsync();
double pass = double.MaxValue;
for (int i = 0; i < 3; i++)
{
    var one = Stopwatch.StartNew();
    await (await http.PostAsync("predict/large", new ByteArrayContent(image))).Content.ReadAsByteArrayAsync();
    pass = Math.Min(pass, one.Elapsed.TotalMilliseconds);
}
Console.WriteLine($"a pass of the large model alone: {pass:F0} ms");
await CancelAsync("alone");
using (var stop = new CancellationTokenSource())
{
    var others = LoadAsync(int.MaxValue, stop.Token, Clients - 1);
    await Task.Delay(200);
    await CancelAsync("under load");
    stop.Cancel();
    (answers, wrong) = await others;
    Check("answers beside cancelled requests have the bits of one alone", answers > 0 && wrong == 0);
}
byte[] after = await (await http.PostAsync("predict/large", new ByteArrayContent(image))).Content.ReadAsByteArrayAsync();
Check("the large model answers as before", after.AsSpan().SequenceEqual(expected));
await app.StopAsync();
GC.KeepAlive(large);
Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 ? 0 : 1;

async Task<(int Answers, int Wrong)> LoadAsync(int requests, CancellationToken stop, int clients = Clients)
{
    int sent = 0, answered = 0, bad = 0;
    var until = Stopwatch.StartNew();
    await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
    {
        for (int i = Interlocked.Increment(ref sent); i <= requests && until.Elapsed < limit && !stop.IsCancellationRequested; i = Interlocked.Increment(ref sent))
        {
            using var answer = await http.PostAsync("predict/digits", new ByteArrayContent(inputs[i % Inputs]));
            if (!(await answer.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(alone[i % Inputs])) Interlocked.Increment(ref bad);
            Interlocked.Increment(ref answered);
        }
    }));
    return (answered, bad);
}

async Task CancelAsync(string how)
{
    var (sinceAbort, sinceCancel) = (new List<double>(), new List<double>());
    for (int i = 0; i < Cancellations; i++)
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<(TimeSpan SinceAbort, long At)>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Began() => began.TrySetResult();
        void Ended(TimeSpan since, long at) => ended.TrySetResult((since, at));
        App.Began += Began;
        App.Ended += Ended;
        using var cancel = new CancellationTokenSource();
        var request = http.PostAsync("predict/large", new ByteArrayContent(image), cancel.Token);
        await began.Task;
        await Task.Delay((int)(pass * (0.1 + 0.5 * i / Cancellations)));      // within the first six tenths of a pass
        long cancelled = Stopwatch.GetTimestamp();
        cancel.Cancel();
        if (await Task.WhenAny(ended.Task, request) != ended.Task && request.IsCompletedSuccessfully) Console.WriteLine("a pass ended before it was cancelled");
        else
        {
            try
            {
                await request;
            }
            catch (OperationCanceledException)
            {
                if (await Task.WhenAny(ended.Task, Task.Delay(TimeSpan.FromSeconds(10))) != ended.Task) Console.WriteLine("a pass ended before the server saw that it was cancelled");
                else
                {
                    var (since, at) = await ended.Task;
                    sinceAbort.Add(since.TotalMilliseconds);
                    sinceCancel.Add(Stopwatch.GetElapsedTime(cancelled, at).TotalMilliseconds);
                }
            }
        }
        App.Began -= Began;
        App.Ended -= Ended;
    }
    Console.WriteLine($"cancelled in mid-forward, {how}, {sinceAbort.Count} of {Cancellations}: since the server saw it {Figures(sinceAbort)}; since the client gave up {Figures(sinceCancel)}");
    Check($"cancelled requests end early, {how}", sinceAbort.Count >= Cancellations / 2);
    if (sinceAbort.Count == 0) return;
    // The aim is 50 ms; a machine that others use may hold a thread back for longer than that.
    Check($"half of the cancelled requests end within 50 ms, {how}", Median(sinceAbort) < 50);
    Check($"each cancelled request ends within half a second, {how}", sinceAbort.Max() < 500);
}

void Check(string what, bool right)
{
    if (right) passed++;
    else failed++;
    Console.WriteLine($"{(right ? "ok" : "FAILED")}: {what}");
}

static string Figures(List<double> ms) => ms.Count == 0 ? "none" : $"median {Median(ms):F1} ms, worst {ms.Max():F1} ms";

static double Median(List<double> ms) => ms.Order().ElementAt(ms.Count / 2);

static byte[] Bytes(float[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();

static long Resident()
{
    GC.Collect();
    using var process = Process.GetCurrentProcess();
    return process.WorkingSet64;
}
