using ILGPU;
using ILGPU.Runtime;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>Groups of <see cref="GroupSize"/> threads, enough for one thread a number; the kernel checks its index against n.</summary>
    public KernelConfig Linear(int n) => new((n + GroupSize - 1) / GroupSize, GroupSize);

    /// <summary>Enqueues an explicitly grouped kernel: a static method of views, numbers and structs, compiled at its first launch.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="config">Groups, and threads of a group.</param>
    /// <param name="a">The kernel's argument.</param>
    public void Launch<A>(Action<A> kernel, KernelConfig config, A a) where A : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a);
    }

    /// <inheritdoc cref="Launch{A}"/>
    public void Launch<A, B>(Action<A, B> kernel, KernelConfig config, A a, B b) where A : struct where B : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A, B>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a, b);
    }

    /// <inheritdoc cref="Launch{A}"/>
    public void Launch<A, B, C>(Action<A, B, C> kernel, KernelConfig config, A a, B b, C c)
        where A : struct where B : struct where C : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A, B, C>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a, b, c);
    }

    /// <inheritdoc cref="Launch{A}"/>
    public void Launch<A, B, C, D>(Action<A, B, C, D> kernel, KernelConfig config, A a, B b, C c, D d)
        where A : struct where B : struct where C : struct where D : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A, B, C, D>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a, b, c, d);
    }

    /// <inheritdoc cref="Launch{A}"/>
    public void Launch<A, B, C, D, E>(Action<A, B, C, D, E> kernel, KernelConfig config, A a, B b, C c, D d, E e)
        where A : struct where B : struct where C : struct where D : struct where E : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A, B, C, D, E>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a, b, c, d, e);
    }

    /// <inheritdoc cref="Launch{A}"/>
    public void Launch<A, B, C, D, E, F>(Action<A, B, C, D, E, F> kernel, KernelConfig config, A a, B b, C c, D d, E e, F f)
        where A : struct where B : struct where C : struct where D : struct where E : struct where F : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A, B, C, D, E, F>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a, b, c, d, e, f);
    }

    /// <inheritdoc cref="Launch{A}"/>
    public void Launch<A, B, C, D, E, F, G>(Action<A, B, C, D, E, F, G> kernel, KernelConfig config, A a, B b, C c, D d, E e, F f, G g)
        where A : struct where B : struct where C : struct where D : struct where E : struct where F : struct where G : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A, B, C, D, E, F, G>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a, b, c, d, e, f, g);
    }

    /// <inheritdoc cref="Launch{A}"/>
    public void Launch<A, B, C, D, E, F, G, H>(Action<A, B, C, D, E, F, G, H> kernel, KernelConfig config, A a, B b, C c, D d, E e, F f, G g, H h)
        where A : struct where B : struct where C : struct where D : struct where E : struct where F : struct where G : struct where H : struct
    {
        var launcher = loader.Get<Action<AcceleratorStream, KernelConfig, A, B, C, D, E, F, G, H>>(kernel.Method);
        lock (gate) launcher(Ready(), config, a, b, c, d, e, f, g, h);
    }

    private AcceleratorStream Ready()
    {
        Within?.Invoke();
        accelerator.Bind();
        return accelerator.DefaultStream;
    }
}
