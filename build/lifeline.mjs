/**
 * Loaded into every program that run.mjs starts. The launcher holds the other end of a pipe and never writes; when
 * the launcher is gone, even by SIGKILL, the pipe closes and this program goes the same way, at once and without
 * ceremony: a restarted Andon must find its port and its files free.
 */
import { Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'

// Worker threads load this too, and children forked with our arguments have no pipe: hence the variable, taken once.
const fd = process.env['ANDON_LIFELINE_FD']
delete process.env['ANDON_LIFELINE_FD']

if (isMainThread && fd !== undefined) {
  const die = () => process.kill(process.pid, 'SIGKILL')
  new Socket({ fd: Number(fd), readable: true }).on('close', die).on('error', die).resume().unref()
}
