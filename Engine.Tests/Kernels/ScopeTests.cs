using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class ScopeTests
{
    [Test]
    public void End_GivesBackWhatWasAllocated_AndATensorUsedAfterNamesTheScope()
    {
        Tensor before = Tensor.Ones([4]), inside, sum;
        using (Device.Cpu.Scope("step 7"))
        {
            inside = Tensor.Ones([4]);
            sum = before + inside;
        }
        Assert.That(() => sum.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("step 7").And.Message.Contains("Keep"));
        Assert.That(() => before + inside, Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("step 7"));
        Assert.That(before.ToArray(), Is.EqualTo(new[] { 1f, 1, 1, 1 }));
    }

    [Test]
    public void Keep_LetsOneOut()
    {
        Tensor kept, lost;
        using (var scope = Device.Cpu.Scope())
        {
            lost = Tensor.Ones([2]);
            kept = scope.Keep(lost + lost);
        }
        Assert.That(kept.ToArray(), Is.EqualTo(new[] { 2f, 2 }));
        Assert.That(() => lost.ToArray(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Keep_InAnInnerScope_HandsToTheOuterOne()
    {
        Tensor x;
        using (Device.Cpu.Scope("outer"))
        {
            using (var inner = Device.Cpu.Scope("inner")) x = inner.Keep(Tensor.Ones([2]));
            Assert.That(x.ToArray(), Is.EqualTo(new[] { 1f, 1 }));
        }
        Assert.That(() => x.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("outer"));
    }

    [Test]
    public void Keep_OfWhatTheScopeDoesNotOwn_ChangesNothing()
    {
        Tensor outside;
        using (Device.Cpu.Scope("outer"))
        {
            outside = Tensor.Ones([2]);
            using (var inner = Device.Cpu.Scope("inner")) inner.Keep(outside);
        }
        Assert.That(() => outside.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("outer"));
    }

    [Test]
    public void End_TakesEveryViewOfTheMemory()
    {
        Tensor row;
        using (Device.Cpu.Scope("the step")) row = Tensor.From([1f, 2, 3, 4], [2, 2])[1];
        Assert.That(() => row.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("the step"));
    }

    [Test]
    public void Views_ShareStorage_AndKeepingOneKeepsTheNumbers()
    {
        Tensor row;
        using (var scope = Device.Cpu.Scope())
        {
            var x = Tensor.From([1f, 2, 3, 4], [2, 2]);
            row = x[1];
            Assert.That(row.Storage, Is.SameAs(x.Storage));
            scope.Keep(row);
        }
        Assert.That(row.ToArray(), Is.EqualTo(new[] { 3f, 4 }));
    }

    [Test]
    public void End_OutOfOrderOrTwice_IsAnError()
    {
        var outer = Device.Cpu.Scope("outer");
        var inner = Device.Cpu.Scope("inner");
        bool refused = false;
        try
        {
            outer.Dispose();
        }
        catch (InvalidOperationException e)
        {
            refused = e.Message.Contains("outer");
        }
        Assert.That(refused);
        inner.Dispose();
        outer.Dispose();
        refused = false;
        try
        {
            outer.Dispose();
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }
        Assert.That(refused);
    }

    [Test]
    public void Scope_SpeaksForItsOwnThread()
    {
        Tensor? other = null;
        using (Device.Cpu.Scope())
        {
            var thread = new Thread(() => other = Tensor.Ones([3]));
            thread.Start();
            thread.Join();
        }
        Assert.That(other!.ToArray(), Is.EqualTo(new[] { 1f, 1, 1 }));
    }

    [Test]
    public void NoGrad_SpeaksForItsOwnThread()
    {
        bool recorded = false;
        using (NoGrad.Begin())
        {
            var thread = new Thread(() => recorded = (Tensor.Ones([1]).WithGrad() * 2).RequiresGrad);
            thread.Start();
            thread.Join();
            Assert.That((Tensor.Ones([1]).WithGrad() * 2).RequiresGrad, Is.False);
        }
        Assert.That(recorded);
    }

    [Test]
    public void Scope_SpeaksForItsOwnDevice()
    {
        using var device = new CpuDevice(1);
        Tensor there, here;
        using (Device.Cpu.Scope("cpu"))
        using (device.Scope("other"))
        {
            using (Device.Cpu.Scope("inner")) there = Tensor.Ones([2], device);
            Assert.That(there.ToArray(), Is.EqualTo(new[] { 1f, 1 }), "the inner scope is the other device's");
            here = Tensor.Ones([2]);
        }
        Assert.That(() => there.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("other"));
        Assert.That(() => here.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("cpu"));
    }

    [Test]
    public void Steps_InScopes_ReuseTheSameMemory()
    {
        using var device = new CpuDevice(1);
        long after = 0;
        for (int step = 0; step < 20; step++)
        {
            using (device.Scope())
            {
                var x = Tensor.Ones([100, 100], device).WithGrad();
                Autograd.Gradients((x * x + x).Sum(), [x]);
            }
            if (step == 1) after = device.BytesReserved;
        }
        Assert.That(device.BytesReserved, Is.EqualTo(after));
    }
}
